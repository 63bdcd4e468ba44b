//! What comes of asking the LLM: a suggestion beside the model, words in params, a text for the backlog; and how little of
//! it is written by itself.

use crate::{
    llm_endpoint::{Endpoint, KEY, Say, content, formula},
    mirror::eventually,
    support::{Person, TestApp, serve},
};
use productops::{
    actions::{
        Actor, Outcome, Through, ask_llm, initiatives::change_field, math_models::change_text,
        param_metadata, suggestions, summaries,
    },
    clock::Clock,
    domain::{
        amount::DecimalSeparator,
        ids::{InitiativeKey, LlmRequestId, MathModelId},
        initiative::{Field, Initiative},
        math_model::{MathModel, ModelField},
        param::Param,
        rights::Role,
        suggestion::{Former, Part},
        summary::SummaryPart,
    },
    store::{
        initiatives,
        llm_requests::{self, RequestState, Status},
        math_models, param_proposals, params, suggestions as kept, users,
    },
};
use serde_json::json;
use sqlx::PgConnection;

/// An app whose LLM is the scripted one, with INIT-1 on a math model that nobody has written yet.
pub(crate) struct House {
    pub(crate) app: TestApp,
    pub(crate) endpoint: Endpoint,
    pub(crate) pm: Person,
}

impl House {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With these variables before the usual ones.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        let endpoint = Endpoint::start();
        let all = [variables, &endpoint.variables()].concat();
        let app = TestApp::start_with(&all).await;
        let pm = app.sign_in(Role::Pm).await;
        pm.create("INIT-1", "Fewer support tickets", "MATH_MODEL")
            .await;
        Self { app, endpoint, pm }
    }

    /// A connection with a transaction begun, and the sample PM.
    pub(crate) async fn begin(&self) -> (PgConnection, Actor) {
        let mut tx = self.app.database.connect().await;
        let pm = users::get_by_email(&mut tx, "priya@example.com").await;
        sqlx::raw_sql("begin").execute(&mut tx).await.unwrap();
        (tx, Actor::new(&pm.unwrap().unwrap(), Through::Form))
    }

    /// Asks for a suggestion.
    pub(crate) async fn ask(&self) -> Outcome<LlmRequestId> {
        let model = self.model().await.id;
        let (mut tx, pm) = self.begin().await;
        let asked = ask_llm::suggestion(&mut tx, &pm, Clock::system().now(), model).await;
        commit(tx).await;
        asked
    }

    pub(crate) async fn model(&self) -> MathModel {
        let mut conn = self.app.database.connect().await;
        let id: i64 = sqlx::query_scalar("select min(id) from math_models")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        let which = math_models::Which::Id(MathModelId(id));
        math_models::get(&mut conn, which).await.unwrap().unwrap()
    }

    pub(crate) async fn state(&self, id: LlmRequestId) -> RequestState {
        let mut conn = self.app.database.connect().await;
        llm_requests::get(&mut conn, id).await.unwrap().unwrap()
    }

    /// Waits until the request has ended.
    pub(crate) async fn ended(&self, id: LlmRequestId) -> RequestState {
        eventually("its end", async || !self.state(id).await.status.is_open()).await;
        self.state(id).await
    }

    /// Waits until the endpoint was asked so often.
    pub(crate) async fn asked(&self, times: usize) {
        let what = format!("{times} calls");
        eventually(&what, async || self.endpoint.asked().len() >= times).await;
    }

    async fn current(&self) -> Option<kept::Suggestion> {
        let model = self.model().await.id;
        let mut conn = self.app.database.connect().await;
        kept::current(&mut conn, model).await.unwrap()
    }

    async fn describe(&self, text: &str) {
        let mut conn = self.app.database.connect().await;
        sqlx::query("update math_models set model_description_free_text = $1")
            .bind(text)
            .execute(&mut conn)
            .await
            .unwrap();
    }

    async fn params(&self) -> Vec<Param> {
        let mut conn = self.app.database.connect().await;
        let which = params::Which::OfInitiative(self.model().await.initiative_id);
        params::list(&mut conn, which).await.unwrap()
    }

    async fn param(&self, name: &str) -> Param {
        let all = self.params().await;
        all.into_iter().find(|param| param.name == name).unwrap()
    }

    async fn initiative(&self) -> Initiative {
        let mut conn = self.app.database.connect().await;
        let key: InitiativeKey = "INIT-1".parse().unwrap();
        initiatives::get(&mut conn, &key).await.unwrap().unwrap()
    }

    /// Waits until the latest request of that kind has been answered.
    async fn answered(&self, workflow: &'static str) {
        eventually(workflow, async || {
            let mut conn = self.app.database.connect().await;
            let done: i64 = sqlx::query_scalar(
                "select count(*) from llm_requests where workflow = $1 and status = 'done'",
            )
            .bind(workflow)
            .fetch_one(&mut conn)
            .await
            .unwrap();
            done > 0
        })
        .await;
    }
}

pub(crate) async fn commit(mut tx: PgConnection) {
    sqlx::raw_sql("commit").execute(&mut tx).await.unwrap();
}

#[tokio::test]
async fn a_suggestion_comes_to_stand_beside_the_model_and_changes_no_formula() {
    let house = House::start().await;
    house
        .describe("We avoid tickets, and each costs something.")
        .await;
    let id = house.ask().await.unwrap();
    let state = house.ended(id).await;
    assert_eq!((state.status, state.why), (Status::Done, None));
    let suggestion = house.current().await.unwrap();
    assert_eq!(
        suggestion.formula,
        "tickets_avoided_per_month * cost_per_ticket * horizon_months"
    );
    assert_eq!(suggestion.params[0].name, "cost_per_ticket");
    let model = house.model().await;
    assert_eq!(model.formula, None, "only a person makes a formula of it");
    assert_eq!(
        model.text(ModelField::Assumptions),
        "Each avoided ticket saves its whole cost.\nNo effect on churn."
    );
    assert!(model.text(ModelField::Notes).starts_with("Tickets avoided"));
    let asked = house.endpoint.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["model"], "scripted-1");
    assert_eq!(asked[0]["response_format"]["type"], "json_schema");
    let data = asked[0]["messages"][1]["content"].as_str().unwrap();
    assert!(
        data.contains("| We avoid tickets, and each costs something."),
        "{data}"
    );
    assert_eq!(house.endpoint.keys(), [format!("Bearer {KEY}")]);
    let cost = "select cost_millionths from llm_calls where outcome = 'ok'";
    assert_eq!(house.app.count(cost).await, 100 * 2 + 20 * 10);
}

#[tokio::test]
async fn a_part_is_taken_over_as_the_persons_own() {
    let house = House::start().await;
    let id = house.ask().await.unwrap();
    house.ended(id).await;
    let (suggestion, model) = (house.current().await.unwrap(), house.model().await);
    let (mut tx, pm) = house.begin().await;
    let now = Clock::system().now();
    let taken = (Part::Formula, model.revision);
    let adopted = suggestions::adopt(&mut tx, &pm, now, suggestion.id, taken)
        .await
        .unwrap();
    commit(tx).await;
    let version = adopted.formula.unwrap();
    assert_eq!((version.version, version.text), (1, suggestion.formula));
    assert_eq!(version.saved_by_name, pm.name);
    assert!(adopted.approval.is_none());
    let logged =
        "select count(*) from change_log where through = 'suggestion' and field = 'formula'";
    assert_eq!(house.app.count(logged).await, 1);
    let again = house.current().await.unwrap();
    assert_eq!(again.uses[0].0, Part::Formula);
}

#[tokio::test]
async fn what_a_person_wrote_or_cleared_is_not_refreshed_by_the_next_suggestion() {
    let house = House::start().await;
    let first = house.ask().await.unwrap();
    house.ended(first).await;
    let model = house.model().await;
    let (mut tx, pm) = house.begin().await;
    let cleared = (ModelField::Notes, "", model.revision);
    let now = Clock::system().now();
    change_text(&mut tx, &pm, now, model.id, cleared)
        .await
        .unwrap();
    commit(tx).await;
    let mut other = formula("saved_hours * hourly_rate");
    other["assumptions"] = json!(["Saved hours are used for something else."]);
    house.endpoint.say([content(&other)]);
    let second = house.ask().await.unwrap();
    house.ended(second).await;
    let model = house.model().await;
    assert_eq!(
        model.text(ModelField::Notes),
        "",
        "clearing counts as editing"
    );
    assert_eq!(
        model.text(ModelField::Assumptions),
        "Saved hours are used for something else."
    );
    let mut conn = house.app.database.connect().await;
    let former = kept::list(&mut conn, kept::Which::Former(model.id))
        .await
        .unwrap();
    assert_eq!(former[0].former, Some(Former::Newer));
}

#[tokio::test]
async fn a_refusal_goes_into_the_next_question() {
    let house = House::start().await;
    let id = house.ask().await.unwrap();
    house.ended(id).await;
    let suggestion = house.current().await.unwrap();
    let (mut tx, pm) = house.begin().await;
    let now = Clock::system().now();
    let empty = suggestions::refuse(&mut tx, &pm, now, suggestion.id, " ").await;
    assert!(
        empty
            .unwrap_err()
            .to_string()
            .starts_with("Say in a few words")
    );
    let why = "Churn is missing.";
    suggestions::refuse(&mut tx, &pm, now, suggestion.id, why)
        .await
        .unwrap();
    let again = ask_llm::suggestion(&mut tx, &pm, now, suggestion.model)
        .await
        .unwrap();
    commit(tx).await;
    house.ended(again).await;
    let asked = house.endpoint.asked();
    let data = asked[1]["messages"][1]["content"].as_str().unwrap();
    assert!(
        data.contains("| Refused formula:\n| tickets_avoided"),
        "{data}"
    );
    assert!(
        data.contains("| Why it was refused:\n| Churn is missing."),
        "{data}"
    );
}

#[tokio::test]
async fn an_answer_whose_inputs_changed_meanwhile_is_kept_as_a_former_one() {
    let house = House::start().await;
    house
        .endpoint
        .say([Say::Held(formula("a * b").to_string())]);
    let id = house.ask().await.unwrap();
    house.asked(1).await;
    house.describe("Something else.").await;
    house.endpoint.let_go();
    house.ended(id).await;
    assert_eq!(house.current().await, None);
    let model = house.model().await;
    assert_eq!(model.text(ModelField::Assumptions), "");
    let mut conn = house.app.database.connect().await;
    let former = kept::list(&mut conn, kept::Which::Former(model.id))
        .await
        .unwrap();
    assert_eq!(former[0].former, Some(Former::Changed));
}

#[tokio::test]
async fn an_answer_that_comes_after_the_approval_is_kept_as_a_former_one() {
    let house = House::start().await;
    house
        .endpoint
        .say([Say::Held(formula("a * b").to_string())]);
    let id = house.ask().await.unwrap();
    house.asked(1).await;
    house
        .pm
        .save_formula("INIT-1", "value = visits * aov")
        .await;
    house.pm.approve_formula("INIT-1").await;
    house.endpoint.let_go();
    house.ended(id).await;
    let model = house.model().await;
    assert!(model.approval.is_some());
    assert_eq!(model.formula.unwrap().text, "value = visits * aov");
    let mut conn = house.app.database.connect().await;
    let former = kept::list(&mut conn, kept::Which::Former(model.id))
        .await
        .unwrap();
    assert_eq!(former[0].former, Some(Former::Approved));
}

#[tokio::test]
async fn a_cancelled_request_ends_at_once_and_its_answer_is_thrown_away() {
    let house = House::start().await;
    house
        .endpoint
        .say([Say::Held(formula("a * b").to_string())]);
    let id = house.ask().await.unwrap();
    house.asked(1).await;
    assert_eq!(
        house.ask().await.unwrap(),
        id,
        "asked twice, it is asked once"
    );
    let (mut tx, pm) = house.begin().await;
    ask_llm::cancel(&mut tx, &pm, id).await.unwrap();
    commit(tx).await;
    let state = house.state(id).await;
    assert_eq!(state.status, Status::Cancelled);
    assert_eq!(state.why.unwrap(), format!("{} cancelled it.", pm.name));
    house.endpoint.let_go();
    let again = house.ask().await.unwrap();
    house.ended(again).await;
    assert_eq!(house.state(id).await.status, Status::Cancelled);
    assert_eq!(house.app.count("select count(*) from suggestions").await, 1);
}

#[tokio::test]
async fn words_come_into_new_params_after_an_approval_that_waits_for_nothing() {
    let house = House::start().await;
    let answer = json!({"params": [
        {"name": "horizon_months", "label": "How long", "unit": "months", "description": "d", "min": 1, "max": 36,
         "source": "PM"},
        {"name": "zeal", "label": "Zeal", "unit": "points", "description": "How eager.", "min": 9, "max": 1,
         "source": "Marketing"},
        {"name": "invented", "label": "No", "unit": "", "description": "", "min": null, "max": null, "source": "PM"},
    ]});
    house.endpoint.say([Say::Held(answer.to_string())]);
    house
        .pm
        .save_formula("INIT-1", "value = zeal * horizon_months * aov")
        .await;
    let page = house.pm.approve_formula("INIT-1").await;
    assert!(page.status.is_success());
    assert_eq!(
        house.params().await.len(),
        3,
        "the rows are there before any answer"
    );
    house.asked(1).await;
    let typed = house
        .pm
        .fill("INIT-1", "horizon_months", "param_display", "Our own label")
        .await;
    assert!(typed.status.is_success());
    house.endpoint.let_go();
    house.answered("suggest_param_metadata").await;
    let zeal = house.param("zeal").await;
    assert_eq!(
        (zeal.param_display.as_str(), zeal.unit.as_str()),
        ("Zeal", "points")
    );
    assert_eq!(
        (zeal.range.min, zeal.source),
        (None, None),
        "what can’t be was dropped"
    );
    assert_eq!(zeal.written_by["unit"], "llm");
    assert_eq!(zeal.updated_by_name, "The LLM");
    let horizon = house.param("horizon_months").await;
    assert_eq!(horizon.param_display, "Our own label");
    assert_eq!(horizon.range.to_string(), "1 to 36");
    let aov = house.param("aov").await;
    assert_eq!(
        aov.written_by["unit"], "rule",
        "left out, it stays as plain rules guess"
    );
    assert!(aov.value.is_none() && zeal.value.is_none());
}

#[tokio::test]
async fn an_approved_row_gets_proposals_and_keeps_its_approval_until_a_person_takes_one() {
    let house = House::start().await;
    house
        .pm
        .save_formula("INIT-1", "value = widgets_sold * aov")
        .await;
    house.pm.approve_formula("INIT-1").await;
    house.answered("suggest_param_metadata").await;
    house.pm.fill("INIT-1", "aov", "value", "20").await;
    house.pm.approve("INIT-1", "aov").await;
    let before = house.param("aov").await;
    assert!(before.value_approval.is_some());
    let said = json!({"params": [{"name": "aov", "label": "Average order", "unit": "pounds", "description": "Per order.",
                      "min": 0, "max": 90, "source": "Analytics"}]});
    house.endpoint.say([content(&said)]);
    let (mut tx, pm) = house.begin().await;
    let now = Clock::system().now();
    let id = ask_llm::metadata(&mut tx, &pm, now, &[before.id])
        .await
        .unwrap();
    commit(tx).await;
    house.ended(id).await;
    let param = house.param("aov").await;
    assert_eq!(param, before, "nothing was written into it");
    let mut conn = house.app.database.connect().await;
    let open = param_proposals::open(&mut conn, &[param.id]).await.unwrap();
    let fields: Vec<_> = open.iter().map(|one| one.proposed.field.key()).collect();
    assert_eq!(
        fields,
        ["param_display", "unit", "range", "source", "description"]
    );
    let (mut tx, pm) = house.begin().await;
    let taken = param_metadata::take(&mut tx, &pm, now, open[1].id, param.revision)
        .await
        .unwrap();
    commit(tx).await;
    assert_eq!(
        (taken.unit.as_str(), taken.written_by["unit"].as_str()),
        ("pounds", "person")
    );
    assert!(taken.value_approval.is_none(), "a person changed the unit");
    assert_eq!(
        param_proposals::open(&mut conn, &[param.id])
            .await
            .unwrap()
            .len(),
        4
    );
}

#[tokio::test]
async fn a_summary_is_written_until_a_person_has_and_then_only_proposed() {
    let house = House::start().await;
    let key: InitiativeKey = "INIT-1".parse().unwrap();
    let now = Clock::system().now();
    let (mut tx, pm) = house.begin().await;
    let first = ask_llm::summary(&mut tx, &pm, now, &key).await.unwrap();
    commit(tx).await;
    house.ended(first).await;
    let initiative = house.initiative().await;
    assert_eq!(
        initiative.get("llm_summary"),
        "Fewer tickets, at less cost."
    );
    let (mut tx, pm) = house.begin().await;
    let field = Field::from_key("llm_summary").unwrap();
    let text = ("In our own words.", DecimalSeparator::Point);
    let typed = (field, text, initiative.revision);
    change_field(&mut tx, &pm, now, &key, typed).await.unwrap();
    commit(tx).await;
    house.endpoint.say([content(
        &json!({"summary": "Another text.", "notes": "Other notes."}),
    )]);
    let (mut tx, pm) = house.begin().await;
    let second = ask_llm::summary(&mut tx, &pm, now, &key).await.unwrap();
    commit(tx).await;
    house.ended(second).await;
    let initiative = house.initiative().await;
    assert_eq!(initiative.get("llm_summary"), "In our own words.");
    assert_eq!(initiative.get("llm_notes"), "Other notes.");
    let (mut tx, pm) = house.begin().await;
    let state = summaries::state(&mut tx, &initiative)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state.peoples, [SummaryPart::Summary]);
    assert!(!state.is_stale);
    let taken = (SummaryPart::Summary, initiative.revision);
    let initiative = summaries::take(&mut tx, &pm, now, &key, taken)
        .await
        .unwrap();
    assert_eq!(initiative.get("llm_summary"), "Another text.");
}

#[tokio::test]
async fn a_second_opinion_is_kept_and_changes_nothing() {
    let house = House::start().await;
    house
        .pm
        .save_formula("INIT-1", "value = visits * aov")
        .await;
    let before = house.model().await;
    let (mut tx, pm) = house.begin().await;
    let now = Clock::system().now();
    let id = ask_llm::review(&mut tx, &pm, now, before.id).await.unwrap();
    commit(tx).await;
    house.ended(id).await;
    let mut conn = house.app.database.connect().await;
    let kept = kept::latest_review(&mut conn, before.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (kept.review.score, kept.formula.as_str()),
        (70, "value = visits * aov")
    );
    assert_eq!(house.model().await, before);
}

#[tokio::test]
async fn the_app_asks_by_itself_once_for_each_text_that_has_been_still() {
    let house = House::start().await;
    house.describe("We avoid tickets.").await;
    house
        .app
        .run("update llm_settings set suggests_by_itself = true")
        .await;
    let now = Clock::system().now();
    let look = async || {
        let mut conn = house.app.database.connect().await;
        ask_llm::to_look_at(&mut conn, now).await.unwrap()
    };
    assert_eq!(look().await, vec![], "somebody may still be typing");
    let still = "update initiatives set updated_at = now() - interval '6 minutes'";
    house.app.run(still).await;
    house
        .app
        .run("update math_models set updated_at = now() - interval '6 minutes'")
        .await;
    let model = house.model().await.id;
    assert_eq!(look().await, [model]);
    // Another process looks as soon as it starts.
    let variables = house.endpoint.variables();
    let (_base, other) = serve(house.app.database.db.apart(4), &variables).await;
    house.answered("suggest_math_model").await;
    assert_eq!(house.current().await.unwrap().asked_by_name, "The LLM");
    let (mut tx, _pm) = house.begin().await;
    assert!(
        !ask_llm::by_itself(&mut tx, now, model).await.unwrap(),
        "it has its answer"
    );
    commit(tx).await;
    house.describe("We avoid other tickets.").await;
    let (mut tx, _pm) = house.begin().await;
    assert!(
        ask_llm::by_itself(&mut tx, now, model).await.unwrap(),
        "the text is another one"
    );
    commit(tx).await;
    other.abort();
}
