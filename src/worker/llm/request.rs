//! One request from its claim to its end: read what it is about, ask, read the answer, ask again with what was wrong,
//! keep what is good. Each step to the database is short; between them there is only the call.

use crate::{
    actions::{
        ActionError,
        ask_llm::{self, About},
        llm_answers::{self, Answer, MadeFrom},
    },
    clock::Clock,
    domain::{
        llm_answer::Fault, llm_request::Workflow, model_review::Review,
        param_metadata::ParamMetadata, suggestion::MathModelSuggestion, summary::Summary,
    },
    llm::{Failure, Llm, Next, Question, Reply},
    store::{
        Db,
        llm_calls::{self, MayCall, NewCall, Settled},
        llm_requests::{self, Claimed},
    },
};
use std::time::Duration;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// How often a holder gives a sign of life, and so hears that a person cancelled.
const BEAT: Duration = Duration::from_secs(2);
/// How often an answer goes back with what is wrong with it.
const REPAIRS: u32 = 2;
/// After so many attempts at the endpoint a person must look.
const ATTEMPTS: i32 = 3;
/// The longest wait before trying again.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// A request in hand.
pub(super) struct Asking {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) llm: Llm,
    pub(super) claimed: Claimed,
}

/// How a request leaves a holder's hands without an answer.
#[derive(Debug)]
enum Stop {
    /// Somebody else's by now, or cancelled.
    Lost,
    /// Asked again later, after this long if the endpoint said so.
    Later(String, Option<Duration>),
    /// A person must look.
    Failed(String),
}

impl From<ActionError> for Stop {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Db(error) => error.into(),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        // What the database said is for the log.
        tracing::warn!(%error, "a request to the LLM met trouble with the database");
        Self::Later("The database was away for a moment.".to_owned(), None)
    }
}

impl Asking {
    /// Works until the request is settled, lost or the process stops.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let (id, attempt) = (self.claimed.id.0, self.claimed.attempt);
        tracing::info!(
            llm_request.id = id,
            llm_request.attempt = attempt,
            "asks the LLM"
        );
        let ended = tokio::select! {
            answered = self.answer() => answered,
            () = self.lives_on() => Err(Stop::Lost),
            () = told(&mut stop) => {
                self.hand_on().await;
                return;
            }
        };
        let settled = match ended {
            Ok(()) => {
                tracing::info!(llm_request.id = id, "the LLM answered");
                return;
            }
            Err(Stop::Lost) => return,
            Err(Stop::Later(why, after)) if attempt < ATTEMPTS => self.later(why, after).await,
            Err(Stop::Later(why, _) | Stop::Failed(why)) => self.fail(why).await,
        };
        if let Err(error) = settled {
            tracing::warn!(%error, llm_request.id = id, "comes back when its lease runs out");
        }
    }

    /// Ends only when the request isn't this holder's any more.
    async fn lives_on(&self) {
        loop {
            sleep(BEAT).await;
            let claimed = self.claimed.clone();
            let alive = self
                .db
                .write(async move |mut conn| llm_requests::live_on(&mut conn, &claimed).await);
            if matches!(alive.await, Ok(false)) {
                return;
            }
        }
    }

    async fn answer(&self) -> Result<(), Stop> {
        let about = self.about().await?;
        let workflow = self.claimed.subject.workflow;
        let first = Question::new(workflow, &about.inputs);
        let (mut question, mut repairs) = (first.clone(), 0);
        loop {
            let fault = match self.call(&question, &about).await? {
                Called::Answer(answer) => return self.keep(&about, first.version, *answer).await,
                Called::OtherFormat => continue,
                Called::Fault(fault) => fault,
            };
            if repairs == REPAIRS {
                return Err(Stop::Failed(format!(
                    "The LLM gave no usable answer in {} tries. {}",
                    REPAIRS + 1,
                    fault.why
                )));
            }
            repairs += 1;
            let nth = if repairs == 1 { "2nd" } else { "3rd" };
            self.note(format!("repairing, {nth} try")).await?;
            question = first.repaired(&fault.answer, &fault.for_the_llm);
        }
    }

    async fn about(&self) -> Result<About, Stop> {
        let subject = self.claimed.subject.clone();
        let about = self
            .db
            .read(async move |mut conn| ask_llm::about(&mut conn, &subject).await);
        Ok(about.await?)
    }

    async fn note(&self, progress: String) -> Result<(), Stop> {
        let claimed = self.claimed.clone();
        let noted = self.db.write(async move |mut conn| {
            llm_requests::note_progress(&mut conn, &claimed, &progress).await
        });
        if noted.await? {
            Ok(())
        } else {
            Err(Stop::Lost)
        }
    }

    /// One call, counted before and settled after it.
    async fn call(&self, question: &Question, about: &About) -> Result<Called, Stop> {
        let id = self.begin(question).await?;
        let began = Instant::now();
        let answered = self.llm.ask(question).await;
        let took = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let read = answered.map(|reply| {
            let answer = self.read(about, &reply.content);
            (reply, answer)
        });
        let settled = Settled {
            took_ms: took,
            ..self.settled(&read)
        };
        let now = self.clock.now();
        let kept = self
            .db
            .write(async move |mut conn| llm_calls::settle(&mut conn, id, &settled, now).await);
        kept.await?;
        what_next(read)
    }

    async fn begin(&self, question: &Question) -> Result<crate::domain::ids::LlmCallId, Stop> {
        let new = NewCall {
            model: self.llm.settings().models.of(question.workflow).to_owned(),
            prompt_version: question.version,
            prompt: question.text(),
            tokens: question.most_tokens(),
        };
        let (claimed, now) = (self.claimed.clone(), self.clock.now());
        let begun = self
            .db
            .transaction(async move |mut tx| llm_calls::begin(&mut tx, &claimed, &new, now).await);
        match begun.await? {
            MayCall::Yes(id) => Ok(id),
            MayCall::NotOurs => Err(Stop::Lost),
            MayCall::UsedUp => Err(Stop::Failed(
                "The LLM gave no usable answer with the calls that the budget left for this. Ask again, or tomorrow."
                    .to_owned(),
            )),
        }
    }

    /// The answer, read and checked.
    fn read(&self, about: &About, content: &str) -> Result<Answer, Fault> {
        Ok(match self.claimed.subject.workflow {
            Workflow::SuggestMathModel => Answer::Suggestion(MathModelSuggestion::read(content)?),
            Workflow::SuggestParamMetadata => {
                let names: Vec<_> = about.inputs.names.iter().map(String::as_str).collect();
                Answer::Metadata(ParamMetadata::read(content, &names)?)
            }
            Workflow::SummariseInitiative => Answer::Summary(Summary::read(content)?),
            Workflow::ReviewMathModel => {
                Answer::Review(about.formula.clone(), Review::read(content)?)
            }
        })
    }

    fn settled(&self, read: &Result<(Reply, Result<Answer, Fault>), Failure>) -> Settled {
        let (answer, tokens, outcome, why) = match read {
            Ok((reply, Ok(_))) => (Some(reply.content.clone()), reply.tokens, "ok", None),
            Ok((reply, Err(fault))) => {
                let why = Some(fault.to_string());
                (Some(reply.content.clone()), reply.tokens, "invalid", why)
            }
            Err(failure) => {
                let free = failure.kind.is_free().then_some((0, 0));
                let why = Some(failure.kind.to_string());
                (
                    failure.raw.clone(),
                    failure.tokens.or(free),
                    failure.kind.key(),
                    why,
                )
            }
        };
        let prices = self.llm.settings().prices;
        Settled {
            answer,
            tokens,
            outcome,
            why,
            cost_millionths: prices
                .zip(tokens)
                .map(|(prices, tokens)| prices.millionths(tokens)),
            took_ms: 0,
        }
    }

    async fn keep(&self, about: &About, version: i32, answer: Answer) -> Result<(), Stop> {
        let made_from = MadeFrom {
            fingerprint: about.inputs.fingerprint(),
            prompt_version: version,
        };
        let (claimed, now) = (self.claimed.clone(), self.clock.now());
        let kept = self.db.transaction(async move |mut tx| {
            llm_answers::keep(&mut tx, now, &claimed, made_from, &answer).await
        });
        if kept.await? { Ok(()) } else { Err(Stop::Lost) }
    }

    async fn later(&self, why: String, after: Option<Duration>) -> sqlx::Result<bool> {
        let backoff =
            Duration::from_secs(5 * u64::from(4_u32.pow(self.claimed.attempt.unsigned_abs() - 1)));
        let wait = after.unwrap_or(backoff).min(LONGEST_WAIT).as_secs_f64();
        let claimed = self.claimed.clone();
        let settled = self.db.write(async move |mut conn| {
            llm_requests::later(&mut conn, &claimed, Some(&why), wait).await
        });
        settled.await
    }

    async fn fail(&self, why: String) -> sqlx::Result<bool> {
        let claimed = self.claimed.clone();
        let settled = self
            .db
            .write(async move |mut conn| llm_requests::fail(&mut conn, &claimed, &why).await);
        settled.await
    }

    /// The process stops: the next one goes on at once.
    async fn hand_on(&self) {
        let claimed = self.claimed.clone();
        let handed = self
            .db
            .write(async move |mut conn| llm_requests::later(&mut conn, &claimed, None, 0.0).await);
        if let Err(error) = handed.await {
            tracing::debug!(%error, "a request to the LLM comes back when its lease runs out");
        }
    }
}

/// Ends when the process is told to stop.
async fn told(stop: &mut watch::Receiver<bool>) {
    // An error: whoever could tell is gone, which is the same.
    drop(stop.wait_for(|told| *told).await);
}

/// What a call came to.
enum Called {
    Answer(Box<Answer>),
    /// The endpoint takes no schema; without one it may.
    OtherFormat,
    Fault(Faulty),
}

/// An answer that can't be used, and what is wrong with it.
struct Faulty {
    answer: String,
    /// What the LLM is told.
    for_the_llm: String,
    /// What people read.
    why: String,
}

fn what_next(read: Result<(Reply, Result<Answer, Fault>), Failure>) -> Result<Called, Stop> {
    let failure = match read {
        Ok((_, Ok(answer))) => return Ok(Called::Answer(Box::new(answer))),
        Ok((reply, Err(fault))) => {
            let why = fault.to_string();
            return Ok(Called::Fault(Faulty {
                answer: reply.content,
                for_the_llm: why.clone(),
                why,
            }));
        }
        Err(failure) => failure,
    };
    match failure.kind.next() {
        Next::OtherFormat => Ok(Called::OtherFormat),
        Next::Repair(words) => Ok(Called::Fault(Faulty {
            answer: String::new(),
            for_the_llm: words.to_owned(),
            why: failure.kind.to_string(),
        })),
        Next::Later(after) => Err(Stop::Later(failure.kind.to_string(), after)),
        Next::GiveUp => Err(Stop::Failed(failure.kind.to_string())),
    }
}
