//! Jobs over a database of their own: a definition changes, everybody is stale at once and fresh when the job is done,
//! whatever happens in the middle of it.

use super::*;
use crate::{
    actions::{
        ActionError, Actor, Through, define_framework, frameworks,
        initiatives::{self, NewInitiative},
        params,
    },
    domain::{
        framework::Framework,
        framework_definition::{Typed, TypedParam},
        ids::InitiativeKey,
        param::Param,
        param_input::{ParamField, Typed as TypedValue},
    },
    store::{params as param_store, users},
    testing::TestDb,
};

/// A framework REACH over some initiatives, each scored by it with its own number.
struct House {
    test: TestDb,
    worker: Worker,
    stop: watch::Receiver<bool>,
    // Kept, so that nobody is told to stop.
    _tell: watch::Sender<bool>,
}

fn typed(formula: &str) -> Typed {
    let row = |name: &str, unit: &str, max: &str| TypedParam {
        name: name.into(),
        label: name.to_uppercase(),
        unit: unit.into(),
        min: "0".into(),
        max: max.into(),
        source: "PM".into(),
        ..TypedParam::default()
    };
    Typed {
        name: "Reach first".into(),
        formula: formula.into(),
        params: vec![row("reach", "people", ""), row("weight", "points", "10")],
        ..Typed::default()
    }
}

async fn actor(test: &TestDb) -> Actor {
    let user = test
        .db
        .read(async move |mut conn| users::get_system(&mut conn).await)
        .await
        .unwrap();
    Actor::new(&user, Through::Command)
}

impl House {
    async fn with(count: usize) -> Self {
        let test = TestDb::new().await;
        let actor = actor(&test).await;
        let clock = Clock::system();
        let now = clock.now();
        let made = test.db.transaction(async move |mut tx| {
            let first = ("REACH", &typed("value = reach"));
            define_framework::create(&mut tx, &actor, now, first).await?;
            for number in 1..=count {
                let key = format!("INIT-{number}");
                let new = NewInitiative {
                    key: key.clone(),
                    title: "One".into(),
                    framework: "REACH".into(),
                    ..NewInitiative::default()
                };
                let made = initiatives::create(&mut tx, &actor, now, &new).await?;
                let which = param_store::Which::OfInitiative(made.id);
                for param in param_store::list(&mut tx, which).await? {
                    let value = TypedValue::one(number.to_string());
                    let sent = (ParamField::Value, &value, param.revision);
                    let edited =
                        params::change_field_in_turn(&mut tx, &actor, now, param.id, sent, None)
                            .await?;
                    let param = edited.param;
                    params::approve(&mut tx, &actor, now, param.id, param.revision).await?;
                }
            }
            Ok::<_, ActionError>(())
        });
        made.await.unwrap();
        let (tell, stop) = watch::channel(false);
        let worker = Worker {
            db: test.db.clone(),
            clock,
            chunk: 2,
        };
        Self {
            test,
            worker,
            stop,
            _tell: tell,
        }
    }

    async fn save(&self, typed: Typed) -> Framework {
        self.try_save(typed, None).await.unwrap()
    }

    async fn try_save(&self, typed: Typed, seen: Option<i64>) -> Result<Framework, ActionError> {
        let (actor, now) = (actor(&self.test).await, self.worker.clock.now());
        let saved = self.test.db.transaction(async move |mut tx| {
            let saved = define_framework::get(&mut tx, "REACH").await?;
            let sent = (&typed, seen.unwrap_or(saved.revision));
            define_framework::save(&mut tx, &actor, now, "REACH", sent).await
        });
        saved.await
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.test
            .db
            .read(async move |mut conn| sqlx::query_scalar(sql).fetch_one(&mut *conn).await)
            .await
            .unwrap()
    }

    async fn text(&self, sql: &'static str) -> String {
        self.test
            .db
            .read(async move |mut conn| sqlx::query_scalar(sql).fetch_one(&mut *conn).await)
            .await
            .unwrap()
    }

    async fn run(&self, sql: &'static str) {
        let done = self
            .test
            .db
            .write(async move |mut conn| sqlx::query(sql).execute(&mut *conn).await);
        done.await.unwrap();
    }

    async fn work(&self) {
        while run_next(&self.worker, &self.stop).await.unwrap() {}
    }

    async fn params(&self) -> Vec<Param> {
        let listed = self.test.db.read(async move |mut conn| {
            let key: InitiativeKey = "INIT-1".parse().unwrap();
            let found = crate::store::initiatives::get(&mut conn, &key).await?;
            let which = param_store::Which::OfInitiative(found.unwrap().id);
            param_store::list(&mut conn, which).await
        });
        listed.await.unwrap()
    }
}

const FRESH: &str = "select count(*) from initiative_frameworks where status = 'approved'";
const STALE: &str = "select count(*) from initiative_frameworks where status = 'stale'";
const SCORES: &str = "select count(*) from scores";
/// How many standings show a score by the newest version.
const NEWEST: &str =
    "select count(*) from initiative_frameworks f join scores s on s.id = f.score_id
    join frameworks k on k.id = f.framework_id and k.formula_version_id = s.formula_version_id";

#[tokio::test]
async fn a_changed_formula_makes_scores_stale_at_once_and_the_job_makes_them_fresh() {
    let house = House::with(3).await;
    assert_eq!(
        (house.count(FRESH).await, house.count(SCORES).await),
        (3, 3)
    );
    house.save(typed("value = reach * 2")).await;
    assert_eq!((house.count(FRESH).await, house.count(STALE).await), (0, 3));
    assert_eq!(
        house
            .text("select distinct stale_because from initiative_frameworks")
            .await,
        "Reach first’s formula changed to version 2"
    );
    let marks = "select sum(version)::bigint from mirror_dirty";
    let before = house.count(marks).await;
    house.work().await;
    assert_eq!(
        (house.count(FRESH).await, house.count(NEWEST).await),
        (3, 3)
    );
    assert_eq!(house.count(SCORES).await, 6, "the earlier scores are kept");
    assert_eq!(
        house
            .count("select value::bigint from scores order by id desc limit 1")
            .await,
        6
    );
    assert_eq!(house.count(marks).await, before + 3);
    assert_eq!(house.text("select status from jobs").await, "done");
    assert_eq!(house.count("select done from jobs").await, 3);
}

#[tokio::test]
async fn a_worker_that_dies_in_the_middle_is_followed_by_another_and_nobody_is_scored_twice() {
    let house = House::with(5).await;
    house.save(typed("value = reach * 2")).await;
    let job = house
        .test
        .db
        .write(async move |mut conn| jobs::claim(&mut conn).await);
    let job = job.await.unwrap().unwrap();
    let job = step(&house.worker, &job).await.unwrap().unwrap();
    assert_eq!((job.done, house.count(STALE).await), (2, 3));
    house.work().await;
    assert_eq!(house.count(STALE).await, 3, "its lease holds");
    house
        .run("update jobs set lease_until = now() - interval '1 second'")
        .await;
    house.work().await;
    assert_eq!(
        (house.count(FRESH).await, house.count(SCORES).await),
        (5, 10)
    );
    assert_eq!(house.count("select attempt::bigint from jobs").await, 2);
    // The first one wakes up late: its step must not count.
    house.save(typed("value = reach * 3")).await;
    assert!(matches!(
        step(&house.worker, &job).await,
        Err(Trouble::Lost)
    ));
    assert_eq!(house.count(STALE).await, 5);
}

#[tokio::test]
async fn scoring_everybody_without_a_change_records_nothing() {
    let house = House::with(3).await;
    let actor = actor(&house.test).await;
    let queued = house.test.db.transaction(async move |mut tx| {
        define_framework::score_again(&mut tx, &actor, "REACH").await
    });
    queued.await.unwrap();
    house.work().await;
    assert_eq!(house.count("select done from jobs").await, 3);
    assert_eq!(
        house.count(SCORES).await,
        3,
        "a job's inputs are those of an edit, to the letter"
    );
}

#[tokio::test]
async fn a_new_param_appears_for_everybody_and_their_scores_wait_for_it() {
    let house = House::with(3).await;
    house.save(typed("value = reach * weight")).await;
    let seeded = "select count(*) from params where name = 'weight' and max = 10 and position = 2";
    assert_eq!(house.count(seeded).await, 3);
    let logged = "select count(*) from change_log where field = 'seeded' and subject = 'WEIGHT'
        and initiative_id is not null";
    assert_eq!(house.count(logged).await, 3);
    house.work().await;
    assert_eq!(
        (house.count(STALE).await, house.count(SCORES).await),
        (3, 3)
    );
    assert!(
        house
            .text("select min(missing::text) from initiative_frameworks")
            .await
            .contains("WEIGHT")
    );
    house.save(typed("value = weight")).await;
    let unused = "select count(*) from params where name = 'reach' and position is null and value is not null";
    assert_eq!(house.count(unused).await, 3, "it keeps everything");
    assert_eq!(
        house
            .count("select count(*) from change_log where field = 'position' and new is null")
            .await,
        3
    );
}

#[tokio::test]
async fn new_bounds_are_hard_and_a_value_outside_is_no_longer_scored() {
    let house = House::with(3).await;
    let mut bounded = typed("value = reach");
    bounded.params[0].max = "2".into();
    house.save(bounded).await;
    let param = house.params().await.remove(0);
    assert_eq!(param.range.to_string(), "0 to 2");
    assert!(param.range_approval.is_none() && param.value_approval.is_some());
    house.work().await;
    assert_eq!((house.count(FRESH).await, house.count(STALE).await), (2, 1));
    let (actor, now) = (actor(&house.test).await, house.worker.clock.now());
    let refused = house.test.db.transaction(async move |mut tx| {
        let value = TypedValue::one("3");
        let sent = (ParamField::Value, &value, param.revision);
        params::change_field_in_turn(&mut tx, &actor, now, param.id, sent, None).await
    });
    let why = refused.await.unwrap_err().to_string();
    assert!(why.contains("0 to 2"), "{why}");
    assert_eq!(
        house
            .text("select through from change_log where field = 'max'")
            .await,
        "command"
    );
}

#[tokio::test]
async fn words_follow_where_nobody_wrote_their_own_and_no_score_moves() {
    let house = House::with(2).await;
    let mut words = typed("value = reach");
    words.params[0].label = "People reached".into();
    words.params[0].unit = "heads".into();
    house.save(words).await;
    let param = house.params().await.remove(0);
    assert_eq!(param.param_display, "People reached");
    assert_eq!(param.unit, "people", "a unit under an approved value stays");
    assert_eq!(
        (
            house.count(FRESH).await,
            house.count("select count(*) from jobs").await
        ),
        (2, 0)
    );
}

#[tokio::test]
async fn whoever_saves_over_an_unseen_definition_is_told_and_saving_the_same_changes_nothing() {
    let house = House::with(1).await;
    let first = house.save(typed("value = reach * 2")).await;
    let late = house
        .try_save(typed("value = reach * 3"), Some(first.revision - 1))
        .await;
    assert!(matches!(late, Err(ActionError::Conflict(_))));
    let changes = house.count("select count(*) from change_log").await;
    house.save(typed("value = reach × 2")).await;
    assert_eq!(
        house.count("select count(*) from change_log").await,
        changes
    );
    assert_eq!(
        house
            .count("select count(*) from change_log where chain = 0 and entity = 'framework'")
            .await,
        4,
        "created, its formula, its params; its formula again"
    );
}

#[tokio::test]
async fn an_archived_framework_stays_where_it_is_on_and_cannot_be_turned_on_anew() {
    let house = House::with(1).await;
    let (actor, now) = (actor(&house.test).await, house.worker.clock.now());
    let tried = house.test.db.transaction(async move |mut tx| {
        let saved = define_framework::get(&mut tx, "REACH").await?;
        let sent = (true, saved.revision);
        define_framework::set_archived(&mut tx, &actor, now, "REACH", sent).await?;
        let new = NewInitiative {
            key: "INIT-9".into(),
            title: "Nine".into(),
            ..NewInitiative::default()
        };
        let nine = initiatives::create(&mut tx, &actor, now, &new).await?;
        let on = ("REACH", true, nine.revision);
        let refused = frameworks::compare(&mut tx, &actor, now, &nine.key, on).await;
        Ok::<_, ActionError>(refused.unwrap_err().to_string())
    });
    let why = tried.await.unwrap();
    assert!(why.contains("archived"), "{why}");
    assert_eq!(house.count(FRESH).await, 1);
}
