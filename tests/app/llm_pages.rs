//! The pages on which the LLM has a part, in each state that its answers and failures lead to; what it said is put into
//! the database past the app, and shown as text whatever it is.

use crate::{
    llm_said,
    support::{Page, Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

const KEY: &str = "INIT-1";
const HERE: &str = "/initiatives/INIT-1";

/// A PM with an initiative on MATH_MODEL and no formula yet.
async fn pm_with_a_model(app: &TestApp) -> Person {
    let pm = app.sign_in(Role::Pm).await;
    pm.create(KEY, "Fewer tickets", "MATH_MODEL").await;
    pm
}

fn action(page: &Page, ending: &str) -> usize {
    page.count(&format!("form[action$='{ending}']"))
}

#[tokio::test]
async fn without_an_llm_the_buttons_say_why_they_are_off_and_everything_else_is_there() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    let page = pm.get(HERE).await;
    let off = page.text(".suggestion .barred");
    assert!(off.starts_with("Ask for a suggestion"), "{off}");
    assert!(off.contains("No LLM is set up here."), "{off}");
    assert_eq!(action(&page, "/suggestion") + action(&page, "/summary"), 0);
    assert_eq!(
        page.count(".suggestion a.field"),
        4,
        "description, prompt, summary and notes are typed in all the same"
    );
    // Asked past the page, the answer is the same sentence.
    let seen = [("seen_revision".to_owned(), "1".to_owned())];
    let refused = pm.post("/math-models/1/suggestion", &seen).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text("#notices").contains("No LLM is set up here."));
    assert_eq!(app.count("select count(*) from llm_requests").await, 0);
}

#[tokio::test]
async fn a_question_is_under_way_until_it_is_cancelled_and_only_pms_cancel() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::connect(&app).await;
    let page = pm.get(HERE).await;
    let asked = page.submit(&pm, "form[action$='/suggestion']", &[]).await;
    let says = asked.text(".asking");
    assert!(says.contains("Waiting for its turn since"), "{says}");
    assert!(says.contains("asked by Priya Nair"), "{says}");
    assert_eq!(action(&asked, "/suggestion"), 0, "nobody asks twice");
    let viewer = app.sign_in(Role::Viewer).await.get(HERE).await;
    assert_eq!(
        (viewer.count(".asking"), action(&viewer, "/cancellation")),
        (1, 0)
    );
    let cancelled = asked
        .submit(&pm, "form[action$='/cancellation']", &[])
        .await;
    assert_eq!(
        (cancelled.path.as_str(), cancelled.count(".asking")),
        (HERE, 0)
    );
    assert_eq!(action(&cancelled, "/suggestion"), 1);
    let jobs = pm.get("/jobs").await;
    assert!(
        jobs.text("tr[id^='request-']")
            .contains("Priya Nair cancelled it.")
    );
}

#[tokio::test]
async fn a_suggestion_stands_beside_the_formula_and_each_part_is_taken_with_one_press() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    pm.save_formula(KEY, "value = tickets").await;
    llm_said::suggestion(&app, KEY, "value = tickets * cost_per_ticket").await;
    let page = pm.get(HERE).await;
    assert_eq!(page.text(".suggested del"), "removed: − value = tickets");
    assert_eq!(
        page.text(".suggested ins"),
        "added: + value = tickets * cost_per_ticket"
    );
    assert!(
        page.text(".suggested")
            .contains("Beside version 1, which is saved now.")
    );
    assert_eq!(
        page.texts(".ideas li"),
        [
            "tickets new Tickets <fewer> (tickets)",
            "cost_per_ticket new"
        ]
    );
    let used = page
        .submit(&pm, "form:has([name=part][value=formula])", &[])
        .await;
    assert_eq!(used.path, HERE);
    assert_eq!(
        used.text("textarea[name=formula]"),
        "value = tickets * cost_per_ticket"
    );
    assert!(
        used.text(".suggested")
            .contains("Formula used by Priya Nair")
    );
    let used = used
        .submit(&pm, "form:has([name=part][value=assumptions])", &[])
        .await;
    assert_eq!(
        used.text("[id$='-assumptions_text']"),
        "Assumptions: Each ticket costs the <same>. No churn."
    );
    assert_eq!(
        app.count("select count(*) from change_log where through = 'suggestion'")
            .await,
        2,
        "a version and the assumptions"
    );
    let undone = used.submit(&pm, "#undo form", &[]).await;
    assert!(
        undone.text("main").contains("Undone"),
        "{}",
        undone.text("main")
    );
    let history = pm.get("/initiatives/INIT-1/history").await;
    assert!(history.text("main").contains("LLM’s suggestion"));
}

#[tokio::test]
async fn taking_a_formula_by_htmx_says_so_with_the_button_that_takes_it_back() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::suggestion(&app, KEY, "value = tickets").await;
    let (address, fields) = pm
        .get(HERE)
        .await
        .form("form:has([name=part][value=formula])");
    let answer = pm.post_htmx(&address, &fields).await;
    assert_eq!(answer.status, StatusCode::OK);
    let notice = answer.text("#notices");
    assert!(
        notice.contains("The suggested formula is version 1. It counts once it is approved."),
        "{notice}"
    );
    assert_eq!(answer.count("#notices form.take-back"), 1);
    // The same form sent again takes nothing twice.
    pm.post_htmx(&address, &fields).await;
    assert_eq!(
        app.count("select count(*) from formula_versions where owner_kind = 'math_model'")
            .await,
        1
    );
}

#[tokio::test]
async fn taking_a_formula_keeps_what_one_is_writing_oneself() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::suggestion(&app, KEY, "value = tickets").await;
    let page = pm.get(HERE).await;
    let (_, mut fields) = page.form("form.write");
    fields.retain(|(name, _)| name != "formula");
    fields.push(("formula".to_owned(), "value = my own".to_owned()));
    pm.post("/math-models/1/formula/check", &fields).await;
    let used = page
        .submit(&pm, "form:has([name=part][value=formula])", &[])
        .await;
    assert_eq!(used.text("textarea[name=formula]"), "value = my own");
    assert!(used.text(".editor .draft").contains("Private draft"));
    assert!(used.text(".editor header").contains("Version 1"));
}

#[tokio::test]
async fn what_somebody_saved_meanwhile_is_not_written_over() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::suggestion(&app, KEY, "value = tickets").await;
    let before = pm.get(HERE).await;
    pm.save_formula(KEY, "value = orders").await;
    let late = before
        .submit(&pm, "form:has([name=part][value=formula])", &[])
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text("#notices")
            .contains("saved version 1 of the formula"),
        "{}",
        late.text("#notices")
    );
    assert_eq!(late.text("textarea[name=formula]"), "value = orders");
}

#[tokio::test]
async fn a_refusal_needs_a_reason_is_shown_and_can_ask_again_at_once() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::suggestion(&app, KEY, "value = tickets").await;
    let page = pm.get(HERE).await;
    let refused = page
        .submit(&pm, "form[action$='/refusal']", &[("reason", "  ")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = page
        .submit(
            &pm,
            "form[action$='/refusal']",
            &[("reason", "no <churn>"), ("again", "yes")],
        )
        .await;
    let says = refused.text(".suggested");
    assert!(
        says.contains("Refused by Priya Nair") && says.contains("“no <churn>”"),
        "{says}"
    );
    assert_eq!(
        (refused.count(".asking"), action(&refused, "/refusal")),
        (1, 0)
    );
    let all = pm.get("/math-models/1/suggestions").await;
    assert!(all.text("main").contains("Refused by Priya Nair"));
}

#[tokio::test]
async fn former_suggestions_stay_to_be_looked_at_and_used() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::suggestion(&app, KEY, "value = first").await;
    llm_said::suggestion(&app, KEY, "value = second").await;
    let all = pm.get("/math-models/1/suggestions").await;
    let outcomes = all.texts(".suggestion > h2");
    assert_eq!(outcomes, ["The latest", "A newer one came"]);
    let used = all
        .submit(
            &pm,
            "form[action='/suggestions/1/adoption']:has([value=formula])",
            &[],
        )
        .await;
    assert_eq!(used.path, "/math-models/1/suggestions");
    assert_eq!(
        pm.get(HERE).await.text("textarea[name=formula]"),
        "value = first"
    );
}

#[tokio::test]
async fn a_failure_says_what_happened_waits_in_the_pms_queue_and_can_be_tried_again() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::failure(
        &app,
        KEY,
        "The LLM <refused>. Nothing was changed; ask again.",
    )
    .await;
    let page = pm.get(HERE).await;
    assert!(
        page.text(".failed").starts_with("The LLM <refused>."),
        "{}",
        page.text(".failed")
    );
    let call = pm.get(&page.attribute(".failed a", "href")).await;
    assert_eq!(
        call.texts("pre.raw"),
        ["You propose <formulas>.", "I can’t help with that."]
    );
    let queue = pm.get("/queue").await;
    assert!(
        queue
            .text("[aria-labelledby=failed]")
            .contains("INIT-1 Fewer tickets PM · just now")
    );
    let finance = app.sign_in(Role::Finance).await;
    assert_eq!(
        finance
            .get("/queue")
            .await
            .count("[aria-labelledby=failed]"),
        0
    );
    assert_eq!(
        finance
            .get("/queue?of=pm")
            .await
            .count("[aria-labelledby=failed]"),
        1
    );
    assert_eq!(
        finance.get(HERE).await.count(".failed a"),
        0,
        "prompts are for PMs and admins"
    );
    let again = page.submit_button(&pm, "Try again").await;
    assert_eq!((again.count(".asking"), again.count(".failed")), (1, 0));
    assert_eq!(pm.get("/queue").await.count("[aria-labelledby=failed]"), 0);
}

#[tokio::test]
async fn on_an_approved_formula_nothing_is_suggested_and_a_second_opinion_can_be_had() {
    let app = TestApp::start().await;
    let pm = app.with_approved_formula(KEY, "value = tickets").await;
    llm_said::connect(&app).await;
    let page = pm.get(HERE).await;
    assert!(
        page.text(".suggestion .barred")
            .contains("This formula is approved.")
    );
    let asked = page.submit(&pm, "form[action$='/review']", &[]).await;
    assert_eq!(asked.count(".opinion .asking"), 1);
}

#[tokio::test]
async fn guesses_are_marked_until_somebody_confirms_them_one_by_one_or_many_at_once() {
    let app = TestApp::start().await;
    let pm = app.with_approved_formula(KEY, "value = margin * aov").await;
    app.run(
        "update params set written_by = written_by || '{\"unit\": \"llm\"}' where name = 'margin'",
    )
    .await;
    let page = pm.get(HERE).await;
    let (margin, aov) = (page.param_id("margin"), page.param_id("aov"));
    assert_eq!(page.count(&format!("#param-{margin} .by-llm")), 1);
    assert!(
        page.count(&format!("#param-{aov} .by-rule")) >= 2,
        "label, unit and owner from the name"
    );
    let label = page.attribute(&format!("#param-{margin}-confirm"), "aria-label");
    assert_eq!(
        label,
        "Confirm what was guessed for Margin: label, unit, range, source"
    );
    let confirmed = page
        .submit(
            &pm,
            &format!("form[action='/params/{margin}/confirmation']"),
            &[],
        )
        .await;
    assert_eq!(confirmed.count(&format!("#param-{margin} [class^=by-]")), 0);
    assert_eq!(
        app.count("select count(*) from change_log where field = 'confirmed'")
            .await,
        1
    );
    let (_, mut bar) = confirmed.form("#bulk");
    bar.push((
        "row".to_owned(),
        confirmed.attribute(&format!("#param-{aov} .pick"), "value"),
    ));
    let all = pm.post("/params/confirmations", &bar).await;
    assert!(
        all.text("#notices").contains("1 param confirmed."),
        "{}",
        all.text("#notices")
    );
    assert_eq!(all.count("[class^=by-]"), 0);
    let history = pm.get(&format!("/params/{aov}/history")).await;
    assert!(
        history.text("main").contains("confirmed the"),
        "{}",
        history.text("main")
    );
}

#[tokio::test]
async fn whoever_approves_a_row_stands_behind_its_words_too() {
    let app = TestApp::start().await;
    let pm = app.with_approved_formula(KEY, "value = tickets").await;
    pm.fill(KEY, "tickets", "value", "12").await;
    assert!(pm.get(HERE).await.count("tr [class^=by-]") > 0);
    pm.approve(KEY, "tickets").await;
    let page = pm.get(HERE).await;
    assert_eq!(
        page.count("tr [class^=by-]") + page.count("[id$='-confirm']"),
        0
    );
}

#[tokio::test]
async fn a_proposal_for_a_params_words_is_taken_or_put_away() {
    let app = TestApp::start().await;
    let pm = app.with_approved_formula(KEY, "value = tickets").await;
    llm_said::suggestion(&app, KEY, "value = tickets").await;
    let page = pm.get(HERE).await;
    assert!(
        page.text(".proposals li").starts_with("Tickets, label:"),
        "{}",
        page.text(".proposals li")
    );
    assert!(page.text(".proposals ins").contains("Visits <now>"));
    let taken = page
        .submit(&pm, "form[action$='/adoption']:has(#proposal-1-take)", &[])
        .await;
    assert_eq!((taken.path.as_str(), taken.count(".proposals")), (HERE, 0));
    assert!(taken.text("tr .field").contains("Visits <now>"));
    // Whoever still has the page from before is told.
    let late = page
        .submit(
            &pm,
            "form[action$='/dismissal']:has(#proposal-1-dismiss)",
            &[],
        )
        .await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.text("#notices").contains("isn’t open any more"),
        "{}",
        late.text("#notices")
    );
    app.run("update param_proposals set ended_at = null, ended_how = null, ended_by = null, proposed = '\"Other\"'").await;
    let viewer = app.sign_in(Role::Viewer).await.get(HERE).await;
    assert_eq!(
        (viewer.count(".proposals li"), action(&viewer, "/dismissal")),
        (1, 0)
    );
    let away = pm
        .get(HERE)
        .await
        .submit(&pm, "form[action$='/dismissal']", &[])
        .await;
    assert_eq!(away.count(".proposals"), 0);
    assert!(
        away.text("tr .field").contains("Visits <now>"),
        "the row stays as it was"
    );
}

#[tokio::test]
async fn a_summary_stands_as_the_llms_until_a_person_writes_and_then_it_only_proposes() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::summary(&app, KEY, "Fewer <b>tickets</b>.").await;
    app.run("update initiatives set llm_summary = 'Fewer <b>tickets</b>.'")
        .await;
    let page = pm.get(HERE).await;
    let text = page.text("#summary-INIT-1");
    assert!(
        text.contains("Summary: Fewer <b>tickets</b>.") && text.contains("The LLM’s words"),
        "{text}"
    );
    assert!(text.contains("Stale"), "made from other inputs: {text}");
    let form = pm.get("/initiatives/INIT-1/fields/llm_summary/edit").await;
    let page = form
        .submit(&pm, "form.edit", &[("value", "My own words.")])
        .await;
    let text = page.text("#summary-INIT-1");
    assert!(
        text.contains("The LLM would write: Summary") && !text.contains("The LLM’s words;"),
        "{text}"
    );
    let taken = page
        .submit(&pm, "form[action$='/summary/adoption']", &[])
        .await;
    assert!(
        taken
            .text("[id$='-llm_summary']")
            .contains("Fewer <b>tickets</b>.")
    );
    assert_eq!(action(&taken, "/summary/adoption"), 0);
}

#[tokio::test]
async fn admins_set_budgets_and_see_what_is_left_and_nobody_else_sees_the_costs() {
    let app = TestApp::start().await;
    llm_said::connect(&app).await;
    let admin = app.sign_in(Role::Admin).await;
    let settings = admin.get("/settings").await;
    let wrong = settings
        .submit(
            &admin,
            "form[action='/settings/llm']",
            &[("calls_a_day", "many")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        wrong.attribute("#calls_a_day", "value"),
        "many",
        "what was typed stays"
    );
    let saved = settings
        .submit(
            &admin,
            "form[action='/settings/llm']",
            &[("calls_a_day", "1,000"), ("suggests_by_itself", "yes")],
        )
        .await;
    assert!(
        saved.text(".history").contains("LLM"),
        "{}",
        saved.text(".history")
    );
    let late = settings
        .submit(
            &admin,
            "form[action='/settings/llm']",
            &[("calls_a_day", "7")],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(late.attribute("#calls_a_day", "value"), "7");
    let usage = admin.get("/llm").await;
    assert!(
        usage.text(".budgets").contains("0 of 1,000"),
        "{}",
        usage.text(".budgets")
    );
    let pm = app.sign_in(Role::Pm).await;
    assert_eq!(pm.get("/llm").await.status, StatusCode::FORBIDDEN);
    let read = pm.get("/settings").await;
    assert!(read.text("#llm").contains("1,000") && read.count("#llm form") == 0);
}

#[tokio::test]
async fn usage_counts_calls_and_tokens_by_workflow_and_person_and_leads_to_each_call() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::suggestion(&app, KEY, "value = tickets").await;
    llm_said::failure(&app, KEY, "No.").await;
    let admin = app.sign_in(Role::Admin).await;
    let usage = admin.get("/llm").await;
    assert_eq!(
        usage.texts("[aria-label='By workflow'] tbody :is(th, td)"),
        ["Formula suggestion", "2", "0", "2,400", "600", "—"]
    );
    assert_eq!(
        usage.texts("[aria-label='By person'] tbody :is(th, td)"),
        ["Priya Nair", "2", "0", "2,400", "600", "—"]
    );
    assert_eq!(usage.count(".calls li"), 2);
    let call = pm.get("/llm/calls/1").await;
    assert_eq!(
        call.texts("pre.raw")[1],
        "{\"formula\": \"<b>raw</b>\"}",
        "as text, to the letter"
    );
    let finance = app.sign_in(Role::Finance).await;
    assert_eq!(
        finance.get("/llm/calls/1").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn jobs_are_listed_by_state_and_what_failed_is_tried_again() {
    let app = TestApp::start().await;
    let pm = pm_with_a_model(&app).await;
    llm_said::failure(&app, KEY, "The LLM is <away>.").await;
    llm_said::waiting(&app, KEY).await;
    let all = pm.get("/jobs").await;
    assert_eq!(all.count("tr[id^='request-']"), 2);
    let failed = pm.get("/jobs?state=failed").await;
    assert!(
        failed
            .text("tr[id^='request-']")
            .contains("The LLM is <away>.")
    );
    let viewer = app.sign_in(Role::Viewer).await.get("/jobs").await;
    assert_eq!(
        (
            viewer.count("tr[id^='request-']"),
            viewer.count("main td form")
        ),
        (2, 0)
    );
    let cancelled = all.submit(&pm, "form[action$='/cancellation']", &[]).await;
    assert_eq!(cancelled.path, "/jobs");
    let again = cancelled
        .submit(&pm, "form[action='/llm/requests/1/repetition']", &[])
        .await;
    assert_eq!(again.count("tr[id^='request-']"), 3);
}
