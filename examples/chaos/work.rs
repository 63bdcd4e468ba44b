//! A person's work in one round: choose something, do it, note the answer; until the app dies under it.

use super::{
    act::{Act, Outcome, Record, What},
    journal::Journal,
    person::Person,
    random::Random,
    setup::Scene,
};
use anyhow::Context as _;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a living app may leave a form without an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is left when the work is done.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Everything answered.
    pub(crate) records: Vec<Record>,
    /// Forms sent again since no answer had come.
    pub(crate) sent_again: u64,
    /// Forms sent a second time although they had been taken.
    pub(crate) sent_twice: u64,
}

impl Kept {
    pub(crate) fn add(&mut self, (again, twice): (u64, u64)) {
        self.sent_again += again;
        self.sent_twice += twice;
    }
}

/// Somebody at work, across all rounds.
#[derive(Debug)]
pub(crate) struct Worker {
    number: usize,
    person: Person,
    random: Random,
    scene: Arc<Scene>,
    journal: Arc<Journal>,
    unanswered: Option<Act>,
    done: u64,
    sent_again: u64,
    sent_twice: u64,
}

impl Worker {
    pub(crate) fn new(
        number: usize,
        person: Person,
        random: Random,
        scene: &Arc<Scene>,
        journal: &Arc<Journal>,
    ) -> Self {
        Self {
            number,
            person,
            random,
            scene: Arc::clone(scene),
            journal: Arc::clone(journal),
            unanswered: None,
            done: 0,
            sent_again: 0,
            sent_twice: 0,
        }
    }

    /// Works until the app dies.
    pub(crate) async fn work(
        mut self,
        base: String,
        is_dying: Arc<AtomicBool>,
        round: u64,
    ) -> anyhow::Result<Self> {
        while !is_dying.load(Ordering::SeqCst) {
            if self.unanswered.is_some() {
                self.send_again(&base, &is_dying, round).await?;
                continue;
            }
            // A page that can't be read has no consequences.
            let Ok(Some(act)) = self.choose(&base).await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            match act.send(&self.person, &base).await? {
                Some(outcome) => self.answered(&base, round, act, outcome).await?,
                None => self.unanswered = Some(act),
            }
        }
        Ok(self)
    }

    /// Sends what is still unanswered; how often forms were sent again and twice.
    pub(crate) async fn settle(mut self, base: &str) -> anyhow::Result<(u64, u64)> {
        let lives = Arc::new(AtomicBool::new(false));
        self.send_again(base, &lives, 0).await?;
        Ok((self.sent_again, self.sent_twice))
    }

    async fn send_again(
        &mut self,
        base: &str,
        is_dying: &AtomicBool,
        round: u64,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        while let Some(act) = self.unanswered.take() {
            self.sent_again += 1;
            if let Some(outcome) = act.send(&self.person, base).await? {
                return self.note(round, &act, outcome);
            }
            self.unanswered = Some(act);
            if is_dying.load(Ordering::SeqCst) {
                return Ok(());
            }
            anyhow::ensure!(
                began.elapsed() < PATIENCE,
                "no answer from an app that runs"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn answered(
        &mut self,
        base: &str,
        round: u64,
        act: Act,
        outcome: Outcome,
    ) -> anyhow::Result<()> {
        self.note(round, &act, outcome)?;
        // A double click.
        if outcome == Outcome::Taken && self.random.below(8) == 0 {
            self.sent_twice += 1;
            if act.send(&self.person, base).await? == Some(Outcome::Refused) {
                anyhow::bail!("{:?} was taken, and refused when it came twice", act.what);
            }
        }
        Ok(())
    }

    fn note(&self, round: u64, act: &Act, outcome: Outcome) -> anyhow::Result<()> {
        self.journal.note(&Record {
            round,
            by: self.person.name.clone(),
            what: act.what.clone(),
            outcome,
        })
    }

    /// Something this person could do now; none: not theirs to do.
    async fn choose(&mut self, base: &str) -> anyhow::Result<Option<Act>> {
        self.done += 1;
        let unique = 1_000_000 * (self.number as u64 + 1) + self.done;
        let scene = Arc::clone(&self.scene);
        let param = *self.random.pick(&scene.params).context("params")?;
        let (key, model) = self
            .random
            .pick(&scene.initiatives)
            .context("initiatives")?;
        match self.random.below(20) {
            0..=8 => {
                let value = unique.to_string();
                let path = format!("/params/{param}/fields/value/edit");
                let what = What::Value {
                    param,
                    value: value.clone(),
                };
                self.fill(base, &path, "form.edit", ("value", &value), what)
                    .await
            }
            9..=14 => self.decide(base, param).await,
            15..=17 if self.number == 0 => {
                let text = format!("value = a * b + c * d + {unique}");
                let path = format!("/math-models/{model}");
                let what = What::Formula {
                    model: *model,
                    text: text.clone(),
                };
                self.fill(base, &path, "form.write", ("formula", &text), what)
                    .await
            }
            15..=16 if scene.may_edit_initiatives(&self.person.name) => {
                let text = format!("Problem {unique}");
                let path = format!("/initiatives/{key}/fields/problem_statement/edit");
                let what = What::Text {
                    key: key.clone(),
                    text: text.clone(),
                };
                self.fill(base, &path, "form.edit", ("value", &text), what)
                    .await
            }
            17 if scene.may_edit_initiatives(&self.person.name) => {
                let key = format!("NEW-{unique}");
                let form =
                    self.person
                        .form(base, "/initiatives/new", "form[action='/initiatives']");
                let form = form
                    .await?
                    .map(|form| form.with("key", &key).with("title", "New"));
                Ok(form.map(|form| Act {
                    what: What::Create { key },
                    form,
                }))
            }
            _ if self.number == 0 => {
                let path = format!("/math-models/{model}");
                let which = "form[action$='/approval']:has([name=formula_version])";
                let form = self.person.form(base, &path, which).await?;
                let version = form
                    .as_ref()
                    .and_then(|form| form.get("formula_version")?.parse().ok());
                let what = version.map(|version| What::ApproveFormula {
                    model: *model,
                    version,
                });
                Ok(form.zip(what).map(|(form, what)| Act { what, form }))
            }
            _ => self.decide(base, param).await,
        }
    }

    async fn fill(
        &self,
        base: &str,
        path: &str,
        which: &str,
        (name, typed): (&str, &str),
        what: What,
    ) -> anyhow::Result<Option<Act>> {
        let form = self.person.form(base, path, which).await?;
        Ok(form.map(|form| Act {
            what,
            form: form.with(name, typed),
        }))
    }

    /// Approves what isn't approved; now and then takes back what is.
    async fn decide(&mut self, base: &str, param: i64) -> anyhow::Result<Option<Act>> {
        let path = format!("/params/{param}");
        let withdraws = self.random.below(6) == 0;
        let action = if withdraws {
            "approval/withdrawal"
        } else {
            "approval"
        };
        let which = format!("form[action='/params/{param}/{action}']");
        let form = self.person.form(base, &path, &which).await?;
        let seen = form
            .as_ref()
            .and_then(|form| form.get("seen_revision")?.parse().ok());
        let what = seen.map(|seen| {
            if withdraws {
                What::Withdraw { param, seen }
            } else {
                What::Approve { param, seen }
            }
        });
        Ok(form.zip(what).map(|(form, what)| Act { what, form }))
    }
}
