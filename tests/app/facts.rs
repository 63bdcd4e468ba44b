//! Shared facts: a number kept once, approved by its owner, and followed by params that nobody changes by themselves
//! meanwhile.

use crate::support::{Page, Person, TestApp};
use productops::{
    actions::{Actor, Through},
    clock::Clock,
    domain::rights::Role,
    imports::{self, Kind, Options},
    store::users,
};
use reqwest::StatusCode;

/// Adds a fact through its form.
pub(crate) async fn adds(person: &Person, name: &str, value: &str, source: &str) -> Page {
    let form = person.get("/facts/new").await;
    let fields = [("name", name), ("value", value), ("source", source)];
    form.submit(person, "form.sheet", &fields).await
}

/// Proposes another number through the fact's form.
pub(crate) async fn proposes(person: &Person, fact: &str, value: &str) -> Page {
    let form = person.get(&format!("/facts/{fact}/proposal")).await;
    form.submit(person, "form.sheet", &[("value", value)]).await
}

/// Looks at what approving would do, and approves.
pub(crate) async fn approves(person: &Person, fact: &str) -> Page {
    let preview = person.get(&format!("/facts/{fact}/approval")).await;
    preview.submit(person, "#fact-approval", &[]).await
}

/// Chooses a fact for a param and follows it.
pub(crate) async fn follows(person: &Person, param: &str, fact: &str) -> Page {
    let path = format!("/params/{param}/fact?fact={fact}");
    person.get(&path).await.submit(person, "#follow", &[]).await
}

async fn stops(person: &Person, param: &str) -> Page {
    let page = person.get(&format!("/params/{param}/fact")).await;
    let form = format!("form[action='/params/{param}/fact/removal']");
    page.submit(person, &form, &[]).await
}

/// Whether it is the fact's own page, whichever act it tells of.
pub(crate) fn is_fact_1(page: &Page) -> bool {
    page.path.split('?').next() == Some("/facts/1")
}

async fn undoes(person: &Person) -> Page {
    let page = person.get("/initiatives/INIT-1").await;
    page.submit(person, "#undo form", &[]).await
}

/// INIT-1 whose value is `aov` twice, and the fact 1, £45 and Finance's, approved; the PM, Finance, the param's number.
async fn with_fact() -> (TestApp, Person, Person, String) {
    let app = TestApp::start().await;
    let pm = app.with_approved_formula("INIT-1", "value = aov * 2").await;
    let finance = app.sign_in(Role::Finance).await;
    let added = adds(&finance, "Average order value", "£45", "Finance").await;
    assert!(is_fact_1(&added), "{}", added.text("main"));
    let approved = approves(&finance, "1").await;
    assert!(is_fact_1(&approved), "{}", approved.text("main"));
    let param = pm.get("/initiatives/INIT-1").await.param_id("aov");
    (app, pm, finance, param)
}

async fn with_follower() -> (TestApp, Person, Person, String) {
    let (app, pm, finance, param) = with_fact().await;
    let page = follows(&pm, &param, "1").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text("main"));
    (app, pm, finance, param)
}

const APPROVED: &str = "select count(*) from approvals where subject_kind = 'param' and part = 'value' and withdrawn_at is null";
const SCORED: &str = "select s.value::bigint from initiative_frameworks f join scores s on s.id = f.score_id where f.status = 'approved'";
const CHAIN: &str = "select count(*) from change_log where entity = 'fact' and chain = 0";

#[tokio::test]
async fn a_fact_counts_once_its_owner_has_approved_it_and_is_found_in_the_library() {
    let app = TestApp::start().await;
    let (finance, eng) = (
        app.sign_in(Role::Finance).await,
        app.sign_in(Role::Eng).await,
    );
    let page = adds(&finance, "Average order value", "£45.50", "Finance").await;
    assert!(page.text("main").contains("Nothing is approved yet"));
    assert!(page.text("#proposal").contains("£45.50"));
    let barred = eng.get("/facts/1").await;
    assert!(barred.text("#proposal .note").contains("Only Finance"));
    let refused = approves_without_button(&eng, "1").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let page = approves(&finance, "1").await;
    let text = page.text("main");
    assert!(
        text.contains("£45.50") && text.contains("Approved by"),
        "{text}"
    );
    assert_eq!(page.count("#proposal"), 0);
    let list = eng.get("/facts?q=order&source=Finance").await;
    assert!(list.text("table").contains("Average order value"));
    assert_eq!(eng.get("/facts?q=margin").await.count("table"), 0);
    let csv = String::from_utf8(eng.bytes("/facts.csv").await).unwrap();
    assert!(
        csv.contains("\"Average order value\"") && csv.contains("45.5"),
        "{csv}"
    );
    assert_eq!(app.count(CHAIN).await, 3);
    let history = page.texts(".history li p:first-child");
    assert!(
        history[0].ends_with("approved Average order value at £45.50"),
        "{history:?}"
    );
}

#[tokio::test]
async fn each_act_on_a_fact_says_what_was_done_and_offers_no_undo_that_would_be_refused() {
    let (_app, pm, finance, _param) = with_follower().await;
    let said = |page: &Page| {
        assert_eq!(page.count("#notices form"), 0, "{}", page.text("#notices"));
        page.text("#notices p")
    };
    let added = adds(&finance, "Gross margin", "0.3", "Finance").await;
    assert_eq!(
        said(&added),
        "You created Gross margin. You proposed 0.3 for Gross margin."
    );
    let proposed = proposes(&pm, "1", "£50").await;
    assert_eq!(said(&proposed), "You proposed £50 for Average order value.");
    // Not what it brought to each param that follows.
    let approved = approves(&finance, "1").await;
    assert_eq!(said(&approved), "You approved Average order value at £50.");
    let form = finance.get("/facts/1/edit").await;
    let words = [("description", "What a customer pays")];
    let described = form.submit(&finance, "form.sheet", &words).await;
    assert!(
        described
            .text("#notices")
            .contains("You set the description")
    );
}

async fn approves_without_button(person: &Person, fact: &str) -> Page {
    let path = format!("/facts/{fact}/approval");
    person
        .post(&path, &[("seen_revision".into(), "1".into())])
        .await
}

#[tokio::test]
async fn what_isnt_taken_comes_back_as_it_was_typed_with_the_reason_beside_its_field() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let page = adds(&pm, "Basket", "soon", "PM").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attribute("#value", "value"), "soon");
    assert_eq!(page.attribute("#value", "aria-describedby"), "fact-error");
    assert_eq!(page.attribute("#name", "value"), "Basket");
    adds(&pm, "Basket", "4", "PM").await;
    let taken = adds(&pm, "basket", "4", "PM").await;
    assert!(taken.text("#fact-error").contains("already"));
    assert_eq!(app.count("select count(*) from facts").await, 1);
}

#[tokio::test]
async fn a_param_that_follows_is_the_facts_with_its_approval_and_scores() {
    let (app, pm, _finance, param) = with_fact().await;
    let choice = pm.get(&format!("/params/{param}/fact?fact=1")).await;
    let changes = choice.text("#follow-changes, section[aria-labelledby=follow-changes]");
    assert!(
        changes.contains("£45") && changes.contains("Finance"),
        "{changes}"
    );
    let page = follows(&pm, &param, "1").await;
    let row = page.text(&format!("#param-{param}"));
    assert!(
        row.contains("£45") && row.contains("follows Average order value"),
        "{row}"
    );
    assert_eq!(
        page.attribute(&format!("#param-{param} a[href='/facts/1']"), "href"),
        "/facts/1"
    );
    assert_eq!(app.count(SCORED).await, 90);
    let named = "select count(*) from approvals a join approvals f on f.id = a.fact_approval_id
        where a.origin = 'fact' and f.subject_kind = 'fact' and a.approved_by = f.approved_by";
    assert_eq!(app.count(named).await, 2, "value and range");
    let score = pm.get("/scores/1").await.text("main");
    assert!(score.contains("as a shared fact"), "{score}");
    assert!(
        pm.get("/facts/1")
            .await
            .text("section[aria-labelledby=fact-uses]")
            .contains("INIT-1")
    );
    let grid = pm.get("/params").await;
    assert!(grid.text("table").contains("follows Average order value"));
}

#[tokio::test]
async fn while_it_follows_no_way_in_changes_what_the_fact_keeps() {
    let (app, pm, _finance, param) = with_follower().await;
    let form = pm.get(&format!("/params/{param}/fields/value/edit")).await;
    assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sent = |name: &str, text: String| (name.to_owned(), text);
    let revision = app.count("select revision from params").await.to_string();
    for (field, typed) in [("value", "46"), ("unit", "$"), ("source", "Eng")] {
        let fields = [
            sent("seen_revision", revision.clone()),
            sent("value", typed.into()),
        ];
        let path = format!("/params/{param}/fields/{field}");
        let answer = pm.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(
            answer.text("main").contains("follows Average order value"),
            "{field}"
        );
    }
    let withdrawn = [sent("seen_revision", revision.clone())];
    let path = format!("/params/{param}/approval/withdrawal");
    assert_eq!(
        pm.post(&path, &withdrawn).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let chosen = [
        sent("row", format!("{param}:{revision}")),
        sent("unit", "$".into()),
    ];
    let bulk = pm.post("/params/units", &chosen).await;
    assert!(
        bulk.text("#notices")
            .contains("follows Average order value"),
        "{}",
        bulk.text("body")
    );
    // Of a pasted row the label is taken, and the value refused.
    let page = pm.get("/params/paste").await;
    let pasted = [
        ("text", "Basket\t46"),
        ("at", param.as_str()),
        ("column", "0"),
    ];
    let (_, mut fields) = page.form("#paste-page");
    fields.retain(|(name, _)| !["text", "at", "column"].contains(&name.as_str()));
    fields.extend(pasted.map(|(name, value)| sent(name, value.to_owned())));
    let preview = pm.post("/params/paste/preview", &fields).await;
    assert!(
        preview
            .text(".refused")
            .contains("follows Average order value")
    );
    preview.submit(&pm, "#paste-apply", &[]).await;
    assert_eq!(
        app.count("select count(*) from params where param_display = 'Basket' and value = 45")
            .await,
        1
    );
    assert_eq!(
        (app.count(APPROVED).await, app.count(SCORED).await),
        (1, 90)
    );
}

#[tokio::test]
async fn an_import_leaves_what_a_fact_keeps_and_takes_the_rest_of_the_row() {
    let (app, _pm, _finance, _param) = with_follower().await;
    let csv =
        "initiative_key,framework,param_name,value,notes\nINIT-1,MATH_MODEL,aov,46,From the deck\n";
    let system = app
        .database
        .db
        .read(async move |mut conn| users::get_system(&mut conn).await);
    let actor = Actor::new(&system.await.unwrap(), Through::Import);
    let options = Options {
        dry_run: false,
        ..Options::default()
    };
    let (now, file) = (Clock::system().now(), (Kind::Params, csv.as_bytes()));
    let report = imports::run(&app.database.db, actor, now, file, options)
        .await
        .unwrap();
    let refused = format!("{:?}", report.refusals);
    assert!(
        refused.contains("follows Average order value"),
        "{report:?}"
    );
    assert_eq!(
        app.count("select count(*) from params where value = 45 and notes = 'From the deck'")
            .await,
        1
    );
    assert_eq!(app.count(SCORED).await, 90);
}

#[tokio::test]
async fn a_change_touches_nothing_until_it_is_approved_and_then_everything_in_one_batch() {
    let (app, pm, finance, param) = with_follower().await;
    let proposed = proposes(&pm, "1", "£50").await;
    assert!(
        proposed.text("#proposal").contains("£50"),
        "{}",
        proposed.text("main")
    );
    assert_eq!(app.count(SCORED).await, 90);
    let queue = finance.get("/queue").await;
    assert!(
        queue
            .text(".waits")
            .contains("Approve Average order value: £50")
    );
    let preview = finance.get("/facts/1/approval").await;
    let row = preview.text("section[aria-labelledby=fact-moves] tbody tr");
    assert!(
        row.contains("INIT-1") && row.contains("90") && row.contains("100"),
        "{row}"
    );
    let before = app.count("select count(*) from change_log").await;
    preview.submit(&finance, "#fact-approval", &[]).await;
    assert_eq!(app.count(SCORED).await, 100);
    let page = pm.get(&format!("/params/{param}")).await;
    assert!(page.text("table").contains("£50"));
    let batches = "select count(distinct batch_id) from change_log where seq > 0 and at = (select max(at) from change_log)";
    assert_eq!(app.count(batches).await, 1);
    // value, two approvals that fell, two that were given, and the fact's own
    assert_eq!(
        app.count("select count(*) from change_log").await,
        before + 6
    );
    assert_eq!(app.count("select count(*) from mirror_dirty").await, 1);
    let history = pm.get("/initiatives/INIT-1/history").await.text("main");
    assert!(
        history.contains("the fact Average order value changed"),
        "{history}"
    );
}

#[tokio::test]
async fn approving_what_changed_meanwhile_is_a_conflict_that_shows_both() {
    let (app, pm, finance, _param) = with_follower().await;
    proposes(&pm, "1", "£50").await;
    let shown = finance.get("/facts/1/approval").await;
    proposes(&pm, "1", "£60").await;
    let answer = shown.submit(&finance, "#fact-approval", &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let text = answer.text("main");
    assert!(
        text.contains("proposed £60 for Average order value"),
        "{text}"
    );
    assert!(text.contains("£45") && text.contains("£60"), "{text}");
    assert_eq!(app.count(SCORED).await, 90);
    // What only its words say is no other number.
    let shown = finance.get("/facts/1/approval").await;
    let words = pm.get("/facts/1/edit").await;
    words
        .submit(&pm, "form.sheet", &[("description", "Net of VAT")])
        .await;
    shown.submit(&finance, "#fact-approval", &[]).await;
    assert_eq!(app.count(SCORED).await, 120);
}

#[tokio::test]
async fn a_param_that_stops_keeps_its_number_which_waits_and_undo_lets_it_follow_again() {
    let (app, pm, _finance, param) = with_follower().await;
    stops(&pm, &param).await;
    assert_eq!(
        app.count("select count(*) from params where fact_id is null and value = 45")
            .await,
        1
    );
    assert_eq!(app.count(APPROVED).await, 0);
    let page = pm.get("/initiatives/INIT-1").await.text("main");
    assert!(
        page.contains("no longer follows Average order value"),
        "{page}"
    );
    let undone = undoes(&pm).await;
    assert_eq!(app.count(APPROVED).await, 1, "{}", undone.text("main"));
    assert_eq!(
        app.count("select count(*) from params where fact_id = 1")
            .await,
        1
    );
    assert_eq!(app.count(SCORED).await, 90);
}

#[tokio::test]
async fn undoing_the_link_gives_the_number_back_that_was_there() {
    let (app, pm, _finance, param) = with_fact().await;
    pm.fill("INIT-1", "aov", "value", "30").await;
    follows(&pm, &param, "1").await;
    let undone = undoes(&pm).await;
    let own = "select count(*) from params where fact_id is null and value = 30";
    assert_eq!(app.count(own).await, 1, "{}", undone.text("main"));
    assert_eq!(app.count(APPROVED).await, 0);
}

#[tokio::test]
async fn undoing_the_link_gives_back_the_approval_and_the_score_that_were_there() {
    let (app, pm, _finance, param) = with_fact().await;
    pm.fill("INIT-1", "aov", "value", "30").await;
    pm.approve("INIT-1", "aov").await;
    assert_eq!(
        (app.count(APPROVED).await, app.count(SCORED).await),
        (1, 60)
    );
    let choice = pm.get(&format!("/params/{param}/fact?fact=1")).await;
    let moves = choice.text("section[aria-labelledby=fact-moves] tbody tr");
    assert!(moves.contains("60") && moves.contains("90"), "{moves}");
    let done = follows(&pm, &param, "1").await;
    let told = done.text("#notices");
    assert!(
        told.contains("You let Aov follow") || told.contains("follow"),
        "{told}"
    );
    assert_eq!(app.count(SCORED).await, 90);
    let undone = undoes(&pm).await;
    assert_eq!(app.count(APPROVED).await, 1, "{}", undone.text("main"));
    assert_eq!(app.count(SCORED).await, 60);
    let given =
        "select count(*) from approvals where origin = 'reinstated' and withdrawn_at is null";
    assert_eq!(app.count(given).await, 2, "value and range");
}

#[tokio::test]
async fn what_everybody_follows_is_not_taken_back_by_undo() {
    let (app, pm, _finance, _param) = with_follower().await;
    proposes(&pm, "1", "£50").await;
    approves(&pm, "1").await;
    let batch = "select count(*) from change_log where entity = 'fact' and field = 'approval'";
    assert_eq!(app.count(batch).await, 2);
    let history = app.database.db.read(async move |mut conn| {
        let sql =
            "select batch_id::text from change_log where entity = 'fact' order by seq desc limit 1";
        sqlx::query_scalar::<_, String>(sql)
            .fetch_one(&mut *conn)
            .await
    });
    let path = format!("/changes/{}/undo", history.await.unwrap());
    let refused = pm.post(&path, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text("body").contains("Propose the earlier number"));
    let offer = pm.get("/initiatives/INIT-1").await.find_text("#undo");
    assert!(!offer.unwrap_or_default().contains("from 45 to 50"));
    assert_eq!(app.count(SCORED).await, 100);
}

#[tokio::test]
async fn with_four_eyes_nobody_approves_a_fact_that_they_proposed() {
    let (app, pm, finance, _param) = with_follower().await;
    app.run("update settings set four_eyes = 'all'").await;
    proposes(&pm, "1", "£50").await;
    proposes(&finance, "1", "£51").await;
    for hand in [&pm, &finance] {
        let page = hand.get("/facts/1/approval").await;
        assert_eq!(page.count("#fact-approval button.primary"), 0);
        assert!(
            page.text("#fact-approval")
                .contains("somebody else approves it")
        );
    }
    let admin = app.sign_in(Role::Admin).await;
    approves(&admin, "1").await;
    assert_eq!(app.count(SCORED).await, 102);
}

#[tokio::test]
async fn what_somebody_lets_follow_who_may_not_approve_it_waits_for_who_may() {
    let (app, pm, finance, param) = with_fact().await;
    pm.fill("INIT-1", "aov", "source", "Finance").await;
    pm.fill("INIT-1", "aov", "value", "40").await;
    finance.approve("INIT-1", "aov").await;
    assert_eq!(app.count(SCORED).await, 80);
    app.run("update settings set finance_approves_own = true")
        .await;

    let choice = pm.get(&format!("/params/{param}/fact?fact=1")).await;
    let changes = choice.text("section[aria-labelledby=follow-changes]");
    assert!(changes.contains("nobody yet"), "{changes}");
    follows(&pm, &param, "1").await;
    assert_eq!(app.count(APPROVED).await, 0, "nobody of Finance agreed");
    let page = pm.get("/initiatives/INIT-1").await;
    assert!(page.text("#score-card").contains("Stale"), "£80 isn’t £90");
    finance.approve("INIT-1", "aov").await;
    let by = "select count(*) from approvals a join users u on u.id = a.approved_by
        where a.subject_kind = 'param' and a.part = 'value' and a.withdrawn_at is null and a.origin = 'person'
          and u.name like 'Fiona%'";
    assert_eq!(app.count(by).await, 1);
    assert_eq!(app.count(SCORED).await, 90);
    // The fact's next number is approved for everybody who follows.
    proposes(&pm, "1", "£50").await;
    approves(&finance, "1").await;
    assert_eq!(app.count(SCORED).await, 100);

    // With four-eyes on nobody vouches for what they put there themselves.
    stops(&finance, &param).await;
    finance.approve("INIT-1", "aov").await;
    app.run("update settings set four_eyes = 'all'").await;
    finance.fill("INIT-1", "aov", "value", "41").await;
    follows(&finance, &param, "1").await;
    assert_eq!(app.count(APPROVED).await, 0);
}

#[tokio::test]
async fn a_proposal_is_taken_back_by_who_made_it_and_refused_with_a_reason_by_its_owner() {
    let (app, pm, finance, _param) = with_follower().await;
    let withdrawal = "form[action='/facts/1/proposal/withdrawal']";
    let refusal = "form[action='/facts/1/proposal/refusal']";
    let page = proposes(&pm, "1", "£50").await;
    assert_eq!(finance.get("/facts/1").await.count(withdrawal), 0);
    let page = page.submit(&pm, withdrawal, &[]).await;
    assert_eq!(page.count("#proposal"), 0);
    proposes(&pm, "1", "£52").await;
    let eng = app.sign_in(Role::Eng).await;
    assert_eq!(eng.get("/facts/1").await.count(refusal), 0);
    let page = finance.get("/facts/1").await;
    let unsaid = page.submit(&finance, refusal, &[("why", " ")]).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = page
        .submit(&finance, refusal, &[("why", "Audited at 45")])
        .await;
    assert!(
        page.text(".history")
            .contains("refused £52 for Average order value: Audited at 45")
    );
    assert_eq!(app.count(SCORED).await, 90);
}

#[tokio::test]
async fn a_fact_that_is_used_stays_and_one_that_isnt_is_put_away_and_taken_out() {
    let (app, pm, _finance, param) = with_follower().await;
    assert_eq!(
        pm.get("/facts/1").await.count("form[action$='/archival']"),
        0
    );
    let seen = app.count("select revision from facts").await.to_string();
    let forced = pm
        .post("/facts/1/archival", &[("seen_revision".into(), seen)])
        .await;
    assert!(
        forced
            .text("[role=alert]")
            .contains("is used by 1 initiative")
    );
    stops(&pm, &param).await;
    let page = pm.get("/facts/1").await;
    let page = page.submit(&pm, "form[action$='/archival']", &[]).await;
    assert!(page.text("h1").contains("Put away"));
    let refused = pm.get(&format!("/params/{param}/fact?fact=1")).await;
    assert_eq!(refused.count("#follow"), 0);
    let page = page.submit(&pm, "form[action$='/restoration']", &[]).await;
    assert!(page.text("h1").contains("Approved"));
}

#[tokio::test]
async fn a_framework_that_bounds_a_param_is_obeyed_by_whatever_it_follows() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Checkout", "RICE").await;
    let confidence = pm.get("/initiatives/INIT-1").await.param_id("confidence");
    adds(&pm, "Usual confidence", "0.8", "PM").await;
    approves(&pm, "1").await;
    let page = follows(&pm, &confidence, "1").await;
    assert!(
        page.text("table").contains("follows Usual confidence"),
        "{}",
        page.text("main")
    );
    assert_eq!(
        app.count(
            "select count(*) from params where name = 'confidence' and value = 0.8 and max = 1"
        )
        .await,
        1
    );
    proposes(&pm, "1", "3").await;
    let preview = pm.get("/facts/1/approval").await;
    assert!(
        preview.text("main").contains("framework doesn’t allow"),
        "{}",
        preview.text("main")
    );
    let answer = preview.submit(&pm, "#fact-approval", &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        app.count("select count(*) from params where name = 'confidence' and value = 0.8")
            .await,
        1
    );
}

#[tokio::test]
async fn an_approval_sent_twice_takes_effect_once() {
    let (app, pm, finance, _param) = with_follower().await;
    proposes(&pm, "1", "£50").await;
    let preview = finance.get("/facts/1/approval").await;
    let (action, fields) = preview.form("#fact-approval");
    finance.post(&action, &fields).await;
    let again = finance.post(&action, &fields).await;
    assert!(is_fact_1(&again), "{}", again.path);
    assert_eq!(app.count("select count(*) from scores").await, 2);
}

#[tokio::test]
async fn an_earlier_number_is_proposed_again_from_the_history_with_one_click_and_a_reason() {
    let (app, pm, finance, _param) = with_follower().await;
    let again = ".history a[href^='/facts/1/proposal?']";
    assert_eq!(pm.get("/facts/1").await.count(again), 0, "it counts now");
    proposes(&pm, "1", "£50").await;
    approves(&finance, "1").await;
    let page = pm.get("/facts/1").await;
    assert_eq!(page.text(again), "Propose £45 again");
    let form = pm.get(&page.attribute(again, "href")).await;
    assert_eq!(form.attribute("#value", "value"), "45");
    assert_eq!(form.attribute("#unit", "value"), "£");
    assert!(
        form.text("#reason").contains("approved it on"),
        "{}",
        form.text("main")
    );
    let page = form.submit(&pm, "form.sheet", &[]).await;
    assert!(
        page.text("#proposal").contains("£45"),
        "{}",
        page.text("main")
    );
    assert_eq!(page.count(again), 0, "it is proposed already");
    approves(&finance, "1").await;
    assert_eq!(app.count(SCORED).await, 90);
    let viewer = app.sign_in(Role::Viewer).await;
    assert_eq!(viewer.get("/facts/1").await.count(again), 0);
}

#[tokio::test]
async fn only_facts_that_a_param_could_follow_by_this_persons_hand_are_offered() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Checkout", "RICE").await;
    let page = pm.get("/initiatives/INIT-1").await;
    let [confidence, reach] = ["confidence", "reach"].map(|name| page.param_id(name));
    for (number, name, value, owner) in [
        ("1", "Usual confidence", "0.8", "PM"),
        ("2", "People a month", "5000", "Analytics"),
    ] {
        adds(&pm, name, value, owner).await;
        approves(&pm, number).await;
    }
    let offered = async |person: &Person, param: &str| {
        let page = person.get(&format!("/params/{param}/fact")).await;
        let choices = page.text("#choices");
        let has = |name: &str| choices.contains(name);
        (
            has("Usual confidence"),
            has("People a month"),
            has("1 approved fact isn’t offered"),
        )
    };
    assert_eq!(
        offered(&pm, &confidence).await,
        (true, false, true),
        "at most 1"
    );
    assert_eq!(offered(&pm, &reach).await, (true, true, false));
    // Reach is Analytics', who may follow what stays theirs, and Eng none of it.
    let eng = app.sign_in(Role::Eng).await;
    assert_eq!(offered(&eng, &reach).await, (false, true, true));
    let forced = eng.get(&format!("/params/{reach}/fact?fact=1")).await;
    assert!(
        forced.text("#choices").contains("Usual confidence"),
        "named"
    );
}

#[tokio::test]
async fn only_owners_whom_this_person_may_name_are_offered_for_a_fact() {
    let (app, pm, finance, _) = with_fact().await;
    let analytics = app.sign_in(Role::Analytics).await;
    let offered = async |person: &Person| {
        let form = person.get("/facts/1/proposal").await;
        form.texts("#source option").join(" ")
    };
    assert_eq!(offered(&analytics).await, "Choose Finance");
    for person in [&pm, &finance] {
        assert_eq!(
            offered(person).await,
            "Choose PM Analytics Finance Eng",
            "whose it is may be said by its owner and by a PM"
        );
    }
    let proposed = proposes(&analytics, "1", "£46").await;
    assert_eq!(proposed.status, StatusCode::OK, "{}", proposed.text("main"));
    // A new one is one's own; a PM may give it to anybody.
    let new = async |person: &Person| {
        let form = person.get("/facts/new").await;
        form.texts("#source option").join(" ")
    };
    assert_eq!(new(&analytics).await, "Choose Analytics");
    assert_eq!(new(&pm).await, "Choose PM Analytics Finance Eng");
}
