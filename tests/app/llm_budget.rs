//! What the LLM may cost a day: reserved before it is spent, whoever asks at the same time and however many processes ask.

use crate::{
    llm::{House, commit},
    llm_endpoint::{Say, formula},
    mirror::eventually,
    support::{TestApp, serve},
};
use productops::{
    actions::{Actor, Through, ask_llm, llm_settings},
    clock::Clock,
    domain::{ids::MathModelId, llm_settings::Typed},
    store::{llm_calls, llm_requests::Status, llm_settings as settings, users},
};
use sqlx::PgConnection;
use tokio::task::JoinSet;

fn typed(calls_a_day: &str, calls_a_person: &str) -> Typed {
    Typed {
        calls_a_day: calls_a_day.into(),
        tokens_a_day: "5,000,000".into(),
        calls_a_person: calls_a_person.into(),
        tokens_a_person: "5,000,000".into(),
        suggests_by_itself: false,
        look_every_minutes: "15".into(),
    }
}

async fn person(conn: &mut PgConnection, email: &str) -> Actor {
    let user = users::get_by_email(conn, email).await.unwrap().unwrap();
    Actor::new(&user, Through::Form)
}

impl House {
    async fn cap(&self, calls_a_day: &str, calls_a_person: &str) {
        let (mut tx, _pm) = self.begin().await;
        let admin = users::get_system(&mut tx).await.unwrap();
        let admin = Actor::new(&admin, Through::Form);
        let seen = settings::get(&mut tx).await.unwrap().revision;
        let typed = typed(calls_a_day, calls_a_person);
        let now = Clock::system().now();
        llm_settings::save(&mut tx, &admin, now, (&typed, seen))
            .await
            .unwrap();
        commit(tx).await;
    }
}

#[tokio::test]
async fn a_cap_of_ten_calls_never_becomes_eleven_with_three_replicas() {
    let house = House::start().await;
    for number in 2..=12 {
        let key = format!("INIT-{number}");
        house.pm.create(&key, "Another", "MATH_MODEL").await;
    }
    house.cap("10", "100").await;
    // Never usable: each request would make three calls.
    house
        .endpoint
        .say((0..60).map(|_| Say::Content("no".into())));
    let variables = house.endpoint.variables();
    let (_, second) = serve(house.app.database.db.apart(4), &variables).await;
    let (_, third) = serve(house.app.database.db.apart(4), &variables).await;
    let mut refusals = Vec::new();
    // Again and again, as what was reserved and not used returns.
    for _round in 0..3 {
        // All of them at the same time, in whatever order the locks let them through.
        let mut asks = JoinSet::new();
        for model in 1..=12 {
            let (mut tx, pm) = house.begin().await;
            asks.spawn(async move {
                let now = Clock::system().now();
                let asked = ask_llm::suggestion(&mut tx, &pm, now, MathModelId(model)).await;
                commit(tx).await;
                asked
            });
        }
        for asked in asks.join_all().await {
            refusals.extend(asked.err().map(|why| why.to_string()));
        }
        let open = "select count(*) from llm_requests where finished_at is null";
        eventually("all ended", async || house.app.count(open).await == 0).await;
    }
    assert_eq!(house.endpoint.asked().len(), 10);
    assert_eq!(house.app.count("select count(*) from llm_calls").await, 10);
    let refusal = refusals.last().unwrap();
    assert!(
        refusal.starts_with("The budget for the LLM is used up for today. It opens again at"),
        "{refusal}"
    );
    second.abort();
    third.abort();
}

#[tokio::test]
async fn what_was_reserved_and_not_used_returns() {
    let house = House::start().await;
    house.cap("8", "6").await;
    house
        .endpoint
        .say([Say::Held(formula("a * b").to_string())]);
    let id = house.ask().await.unwrap();
    house.asked(1).await;
    let (mut tx, pm) = house.begin().await;
    let now = Clock::system().now();
    let set = settings::get(&mut tx).await.unwrap();
    let open = llm_calls::budget(&mut tx, &set, pm.id, now).await.unwrap();
    assert_eq!((open.left().calls, open.persons_left().calls), (3, 1));
    commit(tx).await;
    house.endpoint.let_go();
    assert_eq!(house.ended(id).await.status, Status::Done);
    let (mut tx, pm) = house.begin().await;
    let settled = llm_calls::budget(&mut tx, &set, pm.id, now).await.unwrap();
    assert_eq!((settled.left().calls, settled.persons_left().calls), (7, 5));
    assert_eq!(settled.gone.tokens, 120);
    let usage = llm_calls::usage(
        &mut tx,
        (
            now - chrono::Duration::days(1),
            now + chrono::Duration::days(1),
        ),
    );
    let usage = usage.await.unwrap();
    assert_eq!(
        (usage.len(), usage[0].calls, usage[0].tokens_in),
        (1, 1, 100)
    );
    assert_eq!(usage[0].person, pm.name);
}

#[tokio::test]
async fn a_person_whose_part_is_used_up_is_told_when_it_opens_and_others_go_on() {
    let house = House::start().await;
    house.cap("100", "1").await;
    let id = house.ask().await.unwrap();
    house.ended(id).await;
    let refusal = house.ask().await.unwrap_err().to_string();
    assert!(
        refusal.starts_with("Your budget for the LLM is used up for today."),
        "{refusal}"
    );
    let (mut tx, pm) = house.begin().await;
    let now = Clock::system().now();
    let off = ask_llm::open_budget(&mut tx, &pm, now).await.unwrap();
    assert_eq!(off.unwrap_err(), refusal);
    let admin = person(&mut tx, "ada@example.com").await;
    let open = ask_llm::open_budget(&mut tx, &admin, now).await.unwrap();
    assert!(open.unwrap().persons_left().calls > 0);
    let viewer = person(&mut tx, "vera@example.com").await;
    let off = ask_llm::open_budget(&mut tx, &viewer, now).await.unwrap();
    assert_eq!(off.unwrap_err(), "Only a PM or an admin can ask the LLM.");
    // The approval of a formula waits for no budget.
    house
        .pm
        .save_formula("INIT-1", "value = visits * aov")
        .await;
    let approved = house.pm.approve_formula("INIT-1").await;
    assert!(approved.status.is_success());
    let asked = "select count(*) from llm_requests where workflow = 'suggest_param_metadata'";
    assert_eq!(house.app.count(asked).await, 0);
}

#[tokio::test]
async fn without_an_llm_nothing_is_asked_and_the_reason_is_said() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = visits * aov")
        .await;
    let mut conn = app.database.connect().await;
    let actor = person(&mut conn, "priya@example.com").await;
    let now = Clock::system().now();
    let off = ask_llm::open_budget(&mut conn, &actor, now).await.unwrap();
    assert!(off.unwrap_err().starts_with("No LLM is set up here."));
    assert_eq!(app.count("select count(*) from llm_requests").await, 0);
    let page = pm.get("/initiatives/INIT-1").await;
    assert!(!page.param_id("aov").is_empty(), "plain rules did it");
}
