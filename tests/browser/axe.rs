//! Every page in every state, looked at by axe-core: nothing that keeps people out, whatever their screen, eyes or hands.
//!
//! axe's own rules and best practices all hold, and the size of targets besides; none is switched off. What axe needs is
//! put into the page by the browser's driver, past the page's content security policy, which stays as people get it.

use crate::{
    app::App,
    driver::Screen,
    imports::OnDisk,
    journey,
    live::{goes, turns_deaf},
    person::{Person, Way, said},
    provider::Provider,
    scenarios,
};
use productops::domain::rights::Role;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const AXE: &str = include_str!("vendor/axe.min.js");

/// One for each layout that the stylesheet has: a small phone (also a desk's window at 400 %), a phone, a tablet, a desk.
const LAYOUTS: [u32; 4] = [320, 390, 768, 1440];
/// For states that only add to a page which is looked at in all of them; and for what colours alone can change.
const OUTERMOST: [u32; 2] = [320, 1440];
/// A large desk: the layout of a desk, with more room.
const LARGE: u32 = 1920;

/// Everything axe looks for, but on a second look at the same page in other colours only what colours can change.
const LOOK: &str = r#"
const [only, done] = arguments;
// What has been scrolled under the top bar would count as covered.
scrollTo(0, 0);
const quick = { resultTypes: ["violations"], preload: false };
const rules = { "target-size": { enabled: true } };
axe.run(document, only ? { ...quick, runOnly: only } : { ...quick, rules }).then(
  ({ violations, passes }) => done({
    checked: passes.length,
    found: violations.map(({ id, impact, help, nodes: [node, ...more] }) =>
      `${id} (${impact}): ${help}: ${node.html.slice(0, 240)} and ${more.length} more — ${node.failureSummary.replace(/\s+/g, " ")}`),
  }),
  (why) => done({ checked: 0, found: [`axe failed: ${why}`] }),
);"#;

/// What the colours can change.
const COLOURS: [&str; 2] = ["color-contrast", "link-in-text-block"];
/// What more room in the same layout can change.
const WIDTH_ALONE: [&str; 2] = ["target-size", "scrollable-region-focusable"];

/// What was found so far, and where.
#[derive(Default)]
struct Inspection(Vec<String>);

impl Inspection {
    /// A page, in every layout, and on the largest screen for what its width alone can change.
    async fn page(&mut self, person: &Person, what: &str) {
        self.look(person, what, (&LAYOUTS, &OUTERMOST)).await;
        person.has_a_screen_of(LARGE).await;
        self.ask_axe(person, &format!("{what}, {LARGE} px"), &WIDTH_ALONE)
            .await;
        self.measure(person, what, LARGE).await;
        person.has_a_screen_of(1440).await;
    }

    /// A state of a page, at the outermost widths; in dark, where it has the colours that it has everywhere, at one.
    async fn state(&mut self, person: &Person, what: &str) {
        self.look(person, what, (&OUTERMOST, &OUTERMOST[1..])).await;
    }

    async fn look(&mut self, person: &Person, what: &str, (widths, dark): (&[u32], &[u32])) {
        for &width in widths {
            person.has_a_screen_of(width).await;
            person.prefers("light").await;
            self.ask_axe(person, &format!("{what}, {width} px, light"), &[])
                .await;
            if dark.contains(&width) {
                person.prefers("dark").await;
                self.ask_axe(person, &format!("{what}, {width} px, dark"), &COLOURS)
                    .await;
            }
            self.measure(person, what, width).await;
        }
        person.has_a_screen_of(1440).await;
    }

    async fn ask_axe(&mut self, person: &Person, at: &str, only: &[&str]) {
        let found = person.asks_axe(only).await;
        self.0
            .extend(found.iter().map(|found| format!("{at}: {found}")));
    }

    async fn measure(&mut self, person: &Person, what: &str, width: u32) {
        let wider = person.has_to_scroll_sideways_by().await;
        if wider != 0 {
            self.0
                .push(format!("{what}, {width} px: {wider} px too wide"));
        }
    }

    fn has_found_nothing(self) {
        let found = self.0;
        assert!(
            found.is_empty(),
            "{} violations:\n{}",
            found.len(),
            found.join("\n")
        );
    }
}

impl Person {
    /// Holds the page on a screen this wide, whatever the window's least width is.
    async fn has_a_screen_of(&self, width: u32) {
        let screen =
            json!({ "width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": false });
        self.tells_browser("Emulation.setDeviceMetricsOverride", screen)
            .await;
    }

    /// Has the whole system light or dark.
    async fn prefers(&self, scheme: &str) {
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.tells_browser("Emulation.setEmulatedMedia", features)
            .await;
    }

    /// Everything that axe has against the page as it is.
    async fn asks_axe(&self, only: &[&str]) -> Vec<String> {
        let only = if only.is_empty() {
            Value::Null
        } else {
            json!(only)
        };
        let answer = self
            .until("axe to look at the page", async || {
                self.is_calm().await?;
                if self.run("return typeof axe", vec![]).await? == json!("undefined") {
                    self.run(AXE, vec![]).await?;
                }
                let looked = self.client().execute_async(LOOK, vec![only.clone()]).await;
                looked.map_err(said)
            })
            .await;
        assert_ne!(answer["checked"], json!(0), "axe looked at nothing");
        let found = answer["found"].as_array().cloned().unwrap_or_default();
        found
            .iter()
            .map(|found| found.as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

#[test]
fn axe_is_the_pinned_file_unmodified() {
    let hex = format!("{:x}", Sha256::digest(AXE));
    assert!(
        include_str!("vendor/VENDORED.md").contains(&hex),
        "tests/browser/vendor/VENDORED.md must name sha256 {hex}"
    );
}

#[tokio::test]
async fn axe_does_find_what_keeps_people_out() {
    let app = App::start().await;
    let stranger = app.comes("A stranger", Screen::Desk).await;
    stranger.opens("/sign-in").await;
    let spoil = "const p = document.createElement('p'); p.textContent = 'Faint'; document.querySelector('main').append(p);\
                 p.style.setProperty('color', 'light-dark(#1b1e23, #333)');\
                 document.querySelector('.mark').after(document.createElement('input'))";
    stranger
        .run(spoil, vec![])
        .await
        .expect("a page made worse");
    let mut inspection = Inspection::default();
    inspection.state(&stranger, "a spoilt page").await;
    let found = inspection.0.join("\n");
    assert!(found.contains("320 px, light: label"), "{found}");
    assert!(found.contains("1440 px, dark: color-contrast"), "{found}");
}

#[tokio::test]
async fn nobody_is_kept_out_where_nothing_is_there_yet_or_something_is_refused() {
    let app = App::start().await;
    let mut inspection = Inspection::default();
    let stranger = app.comes("A stranger", Screen::Desk).await;
    stranger.opens("/sign-in").await;
    inspection.page(&stranger, "signing in").await;
    drop(stranger);

    let ada = app.signs_in(Role::Admin).await;
    inspection.state(&ada, "an empty backlog").await;
    ada.presses("Ada Okafor, Admin: menu").await;
    inspection.state(&ada, "the person’s menu").await;
    for (path, what) in [
        ("/math-models", "no models"),
        ("/params", "no params"),
        ("/nowhere", "404"),
        ("/initiatives/INIT-404", "no such initiative"),
    ] {
        ada.opens(path).await;
        inspection.state(&ada, what).await;
    }
    ada.opens("/legend").await;
    inspection.page(&ada, "the legend").await;

    ada.opens("/initiatives/new").await;
    inspection.page(&ada, "a new initiative").await;
    ada.enters("Key", "no key").await;
    ada.enters("Title", "One").await;
    ada.presses("Create initiative").await;
    ada.sees("A key is capital letters").await;
    inspection.state(&ada, "a key refused").await;

    ada.enters("Key", "INIT-1").await;
    app.sql("delete from sessions").await;
    ada.presses("Create initiative").await;
    ada.sees("Your session has ended").await;
    inspection.state(&ada, "a session that has ended").await;
    drop(ada);

    let ada = app.signs_in(Role::Admin).await;
    for (path, what) in [
        ("/people", "the people"),
        ("/people/4", "a person"),
        ("/people/new", "a new person"),
        ("/sessions", "where one is signed in"),
    ] {
        ada.opens(path).await;
        inspection.page(&ada, what).await;
    }
    drop(ada);

    let vera = app.signs_in(Role::Viewer).await;
    inspection
        .state(&vera, "an empty backlog of a viewer’s")
        .await;
    vera.opens("/initiatives/new").await;
    vera.sees("You can’t do this").await;
    inspection.state(&vera, "403").await;
    inspection.has_found_nothing();
}

/// What the LLM was asked about the first model, and said, put there behind the app's back.
const SAID: [&str; 6] = [
    "update llm_settings set is_configured = true",
    "insert into llm_requests (workflow, initiative_id, math_model_id, is_on_request, asked_by, asked_at, inputs_sha256,
       reserved_calls, reserved_tokens, status, finished_at, why)
     select w.name, i.id, case when w.name <> 'summarise_initiative' then m.id end, true, u.id, now(), sha256('x'), 1, 1,
       case when w.name = 'suggest_param_metadata' then 'failed' else 'done' end, now(), 'The LLM gave an answer that can’t be read.'
     from initiatives i join math_models m on m.initiative_id = i.id, users u,
       unnest(array['suggest_math_model', 'review_math_model', 'summarise_initiative', 'suggest_param_metadata']) as w(name)
     where i.key = 'INIT-1' and u.name = 'Priya Nair'",
    "insert into llm_calls (request_id, workflow, asked_by, model, prompt_version, prompt, begun_at, reserved_tokens,
       settled_at, answer, tokens_in, tokens_out, took_ms, outcome)
     select id, workflow, asked_by, 'model', 1, 'You propose formulas.', now(), 1, now(), '{}', 1200, 300, 4200, 'ok'
     from llm_requests",
    "insert into suggestions (math_model_id, request_id, formula, assumptions, notes, value_unit, params, inputs_sha256,
       prompt_version, made_at)
     select math_model_id, id, 'value = tickets * cost_per_ticket', 'Each saves its cost.', 'No CSAT.', '£', '[]',
       inputs_sha256, 1, now() from llm_requests where workflow = 'suggest_math_model'",
    "insert into model_reviews (math_model_id, request_id, formula, score, verdict, issues, strengths, improvements, made_at)
     select math_model_id, id, 'value = tickets * cost_per_ticket', 70, 'Sound.', '[\"Never fades.\"]', '[\"Short.\"]', '[]',
       now() from llm_requests where workflow = 'review_math_model'",
    "insert into param_proposals (param_id, request_id, field, proposed, made_at)
     select p.id, r.id, 'param_display', '\"Tickets a month\"', now() from params p, llm_requests r
     where p.name = 'tickets' and r.workflow = 'suggest_param_metadata'",
];

#[tokio::test]
async fn nobody_is_kept_out_of_what_the_llm_has_a_part_in() {
    let app = App::start().await;
    let mut inspection = Inspection::default();
    let priya = app.with_approved_formula("INIT-1", "value = tickets").await;
    inspection.state(&priya, "no LLM").await;
    for said in SAID {
        app.sql(said).await;
    }
    priya.opens("/initiatives/INIT-1").await;
    priya.sees_in(".suggested", "Asked for by Priya Nair").await;
    inspection
        .state(
            &priya,
            "a suggestion folded up, since the formula is approved",
        )
        .await;
    priya.presses("Withdraw approval").await;
    priya.sees_in(".suggested", "cost_per_ticket").await;
    inspection
        .page(&priya, "a suggestion, a second opinion, proposals, guesses")
        .await;
    priya.presses("Refuse it…").await;
    inspection.state(&priya, "a refusal").await;
    priya.presses("Ask again").await;
    priya.sees("Waiting for its turn").await;
    inspection.state(&priya, "a question under way").await;
    for (path, what) in [
        ("/math-models/1", "the model with a suggestion"),
        ("/math-models/1/suggestions", "all suggestions"),
        ("/params/1", "a param with a proposal"),
        ("/llm/calls/1", "a call"),
        ("/jobs", "the jobs"),
    ] {
        priya.opens(path).await;
        inspection.page(&priya, what).await;
    }
    drop(priya);
    let ada = app.signs_in(Role::Admin).await;
    for (path, what) in [("/llm", "what it costs"), ("/settings", "its settings")] {
        ada.opens(path).await;
        inspection.page(&ada, what).await;
    }
    inspection.has_found_nothing();
}

/// A fact that is in force, one whose first number waits, and a change of the first.
const FACTS: [&str; 3] = [
    "insert into facts (name, description, value, unit, source, value_set_by, value_set_at, evidence_link, review_by,
       created_at, updated_at, updated_by)
     values ('Average order value', 'Net of VAT', 45.5, '£', 'Finance', 1, now(), 'https://deck.example/aov',
       '2026-01-01', now(), now(), 1), ('Margin', '', null, '', null, null, null, '', null, now(), now(), 1)",
    "insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin)
     values ('fact', 1, 'value', '{}', 1, now(), 'person')",
    "insert into fact_proposals (fact_id, value, unit, source, reason, proposed_by, proposed_at)
     select id, 50, '£', 'Finance', 'Restated', 1, now() from facts",
];

#[tokio::test]
async fn nobody_is_kept_out_of_the_shared_facts() {
    let app = App::start().await;
    let mut inspection = Inspection::default();
    let priya = app.with_approved_formula("INIT-1", "value = aov").await;
    priya.opens("/facts").await;
    inspection.state(&priya, "no facts").await;
    for fact in FACTS {
        app.sql(fact).await;
    }
    for (path, what) in [
        ("/facts", "the facts"),
        ("/facts/1", "a fact with a change that waits"),
        ("/facts/1/approval", "what approving would do"),
        ("/params/1/fact?fact=1", "a fact to be followed"),
        ("/facts/new", "a new fact"),
    ] {
        priya.opens(path).await;
        inspection.page(&priya, what).await;
    }
    priya.presses("Add and propose").await;
    inspection.state(&priya, "a fact without a name").await;
    priya.opens("/params/1/fact?fact=1").await;
    priya.presses("Follow Average order value").await;
    inspection.state(&priya, "a param that follows").await;
    for path in ["/facts/1/approval", "/facts/1/edit", "/queue"] {
        priya.opens(path).await;
        inspection.state(&priya, path).await;
    }
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_scenarios() {
    let app = App::start().await;
    let mut inspection = Inspection::default();
    let priya = scenarios::scored(&app).await;
    priya
        .opens("/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios")
        .await;
    inspection.state(&priya, "scenarios, none yet").await;
    priya.presses("Make scenario").await;
    priya.sees("Give the scenario a name").await;
    inspection.state(&priya, "a name that isn’t taken").await;
    scenarios::makes_optimistic(&priya).await;
    inspection.page(&priya, "a scenario").await;
    priya.presses("Change Margin").await;
    priya.enters("Value in this scenario", "45").await;
    priya.presses("Save value").await;
    priya.sees("Use 45%").await;
    inspection.page(&priya, "a value that asks").await;
    for path in [
        "/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios",
        "/math-models/1",
    ] {
        priya.opens(path).await;
        inspection
            .page(&priya, "scenarios side by side, and the bar")
            .await;
    }
    priya.presses("Optimistic").await;
    priya.presses("Approve these values").await;
    priya.sees("Approved by").await;
    priya.presses("Let this scenario drive the score").await;
    priya.sees("What changes").await;
    inspection
        .page(&priya, "what letting it drive would do")
        .await;
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_the_backlog_and_its_lists() {
    let app = App::start().await;
    journey::ada_brings_the_backlog_in(&app).await;
    let mut inspection = Inspection::default();
    let priya = app.signs_in(Role::Pm).await;
    inspection.page(&priya, "the backlog").await;
    for (path, what) in [
        ("/backlog?framework=RICE", "the backlog, filtered"),
        ("/backlog?sort=value", "the backlog, sorted"),
        ("/backlog?q=nothing+like+this", "the backlog, nothing found"),
        ("/math-models?q=nothing+like+this", "models, nothing found"),
        ("/templates?q=nothing+like+this", "templates, nothing found"),
        ("/params", "all params"),
        ("/params?state=missing", "params, filtered"),
        (
            "/params?initiative=INIT-123",
            "params of an initiative that has none",
        ),
        ("/params?q=nothing+like+this", "params, nothing found"),
        ("/params?group=source", "params by owner"),
        (
            "/params?group=state&columns=value,state",
            "params by state, some columns",
        ),
    ] {
        priya.opens(path).await;
        inspection.state(&priya, what).await;
    }
    for (path, what) in [
        ("/math-models", "the models"),
        ("/templates?target=INIT-123", "templates for an initiative"),
        ("/templates/rate-uplift", "a pattern"),
        ("/copies/new?from=model:1&q=1", "where a formula may go"),
        (
            "/copies/preview?from=model:1&target=INIT-123&target=INIT-108",
            "what a copy would do",
        ),
        ("/math-models/1/template", "a model to become a template"),
        ("/params?initiative=INIT-101", "the params"),
        ("/initiatives/INIT-101/history", "a history"),
        ("/scores/1", "a receipt"),
        ("/scores/4", "a receipt of RICE"),
    ] {
        priya.opens(path).await;
        inspection.page(&priya, what).await;
    }
    priya
        .opens("/initiatives/INIT-101/history?field=nothing")
        .await;
    inspection.state(&priya, "a history, nothing found").await;

    priya.opens("/backlog").await;
    priya.chooses("Framework of INIT-101", "None").await;
    priya.sees_in("#initiative-INIT-101", "INIT-101").await;
    inspection
        .state(&priya, "a framework about to be turned off")
        .await;
    priya.opens("/initiatives/INIT-124").await;
    priya.presses("Archive").await;
    priya.sees("Restore").await;
    inspection.state(&priya, "an archived initiative").await;
    priya.opens("/backlog?archived=yes").await;
    priya.sees_in("#initiative-INIT-124", "Archived").await;
    inspection
        .state(&priya, "the backlog with what is archived")
        .await;
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_any_step_of_an_initiative() {
    let app = App::start().await;
    journey::ada_brings_the_backlog_in(&app).await;
    let mut inspection = Inspection::default();
    let priya = app.signs_in(Role::Pm).await;
    priya.opens("/initiatives/INIT-101").await;
    inspection.page(&priya, "a scored initiative").await;
    for (path, what) in [
        ("/initiatives/INIT-123", "no framework"),
        ("/initiatives/INIT-108", "a formula that waits for approval"),
        ("/initiatives/INIT-110", "values missing"),
        ("/initiatives/INIT-109", "RICE"),
        ("/initiatives/INIT-115", "WSJF, an approval missing"),
        ("/math-models/1", "a model’s page"),
    ] {
        priya.opens(path).await;
        inspection.state(&priya, what).await;
    }
    priya.opens("/initiatives/INIT-119").await;
    inspection.state(&priya, "no formula yet").await;
    priya.writes_formula("value = orders * (margin + 1").await;
    priya.sees_in("[id$='-check']", "Line 1, column 18").await;
    inspection
        .state(&priya, "a formula with an error, while it is written")
        .await;
    priya.writes_formula("value = orders * margin").await;
    priya.sees_in("[id$='-check']", "Reads 2 params").await;
    inspection
        .state(&priya, "a formula with names, while it is written")
        .await;
    priya.presses("Save").await;
    priya.sees("Approve version 1").await;
    priya.writes_formula("value = orders *").await;
    priya.presses("Save").await;
    inspection
        .state(&priya, "a formula with an error, saved")
        .await;

    priya.opens("/initiatives/INIT-101").await;
    priya.chooses("Active framework", "None").await;
    priya.sees_in("#journey form.ask", "").await;
    inspection
        .state(&priya, "a framework about to be turned off")
        .await;
    priya.opens("/initiatives/INIT-101").await;
    let first = priya.params().await.remove(0);
    priya.fills(&first, "430,000").await;
    priya.sees_in("#score-card", "Stale").await;
    inspection.state(&priya, "a stale score").await;
    priya.opens("/scores/1").await;
    priya.sees("Stale").await;
    inspection.state(&priya, "a stale receipt").await;
    priya.opens("/initiatives/INIT-101").await;
    priya.approves(&first).await;
    priya.sees_in("#score-card header", "Approved").await;
    priya.opens("/scores/1").await;
    priya.sees("Superseded").await;
    inspection.state(&priya, "a superseded receipt").await;
    priya.opens("/math-models/1").await;
    priya.writes_formula("value = 2 * orders").await;
    priya.presses("Save").await;
    priya.sees("Back to the approved version").await;
    inspection
        .state(&priya, "an approved version that isn’t the saved one")
        .await;
    drop(priya);

    let vera = app.signs_in(Role::Viewer).await;
    for (path, what) in [
        ("/backlog", "the backlog of a viewer’s"),
        ("/initiatives/INIT-101", "an initiative of a viewer’s"),
        ("/initiatives/INIT-108", "a waiting formula of a viewer’s"),
        ("/math-models/1", "a model of a viewer’s"),
        ("/params?initiative=INIT-101", "the params of a viewer’s"),
    ] {
        vera.opens(path).await;
        inspection.state(&vera, what).await;
    }
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_the_settings_and_of_what_they_bar() {
    let app = App::start().await;
    journey::ada_brings_the_backlog_in(&app).await;
    let mut inspection = Inspection::default();
    let ada = app.signs_in(Role::Admin).await;
    ada.opens("/settings").await;
    inspection.page(&ada, "the settings of an admin’s").await;
    ada.clicks("#four-eyes-all").await;
    ada.presses("Save settings").await;
    ada.sees("turned four-eyes on for every param and formula")
        .await;
    inspection.state(&ada, "the settings with a history").await;
    drop(ada);

    let vera = app.signs_in(Role::Viewer).await;
    vera.opens("/settings").await;
    inspection.page(&vera, "the settings of a viewer’s").await;
    vera.opens("/initiatives/INIT-101").await;
    vera.clicks("#heading .barred summary").await;
    vera.clicks("#override .barred summary").await;
    vera.clicks(".stands .barred summary").await;
    vera.sees("Only a PM or an admin can withdraw the approval of formulas.")
        .await;
    inspection
        .page(&vera, "an initiative of a viewer’s, with why not")
        .await;
    drop(vera);

    let priya = app.signs_in(Role::Pm).await;
    priya.opens("/initiatives/INIT-101").await;
    priya.fills("margin", "82%").await;
    priya.sees_in("#notices", "saved").await;
    priya.opens("/params?initiative=INIT-101").await;
    inspection
        .state(&priya, "a param that one may not approve oneself")
        .await;
    priya.clicks(".state .barred summary").await;
    priya
        .sees("with four-eyes on, somebody else approves it")
        .await;
    inspection
        .page(&priya, "a param that one may not approve oneself, with why")
        .await;
    priya.opens("/initiatives/INIT-101").await;
    priya.writes_formula("value = margin").await;
    priya.presses("Save").await;
    priya.sees("You saved its formula").await;
    inspection
        .state(&priya, "a formula that one may not approve oneself")
        .await;
    drop(priya);

    let enzo = app.signs_in(Role::Eng).await;
    enzo.opens("/params?initiative=INIT-101").await;
    enzo.clicks("td:not(.state) .barred summary").await;
    enzo.sees("can change whose param this is").await;
    inspection
        .state(&enzo, "a param that isn’t one’s own, with why not")
        .await;
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_what_scores_are_compared_and_explained_by() {
    let app = App::start().await;
    journey::ada_brings_the_backlog_in(&app).await;
    let mut inspection = Inspection::default();
    let priya = app.signs_in(Role::Pm).await;
    for (path, what) in [
        ("/scoring", "all frameworks side by side"),
        ("/initiatives/INIT-101/comments", "a thread of comments"),
        ("/queue", "what waits for a PM"),
        ("/queue?of=eng&task=put-right", "a queue with nothing in it"),
        ("/initiatives/INIT-101/scores", "a score’s history"),
        ("/formula-language", "the formula language"),
    ] {
        priya.opens(path).await;
        inspection.page(&priya, what).await;
    }
    priya.opens("/scoring?q=nothing+like+this").await;
    inspection.state(&priya, "scoring, nothing found").await;
    priya.opens("/scores/1").await;
    priya.presses("Recompute").await;
    priya.sees("Same to the last digit").await;
    inspection.state(&priya, "a receipt computed again").await;

    priya.opens("/initiatives/INIT-101/override/edit").await;
    inspection.page(&priya, "an override to be").await;
    priya.presses("Save override").await;
    inspection
        .state(&priya, "an override without a reason")
        .await;
    priya.enters("Value", "90,000").await;
    priya.enters("Reason", "Signed contract").await;
    priya.presses("Save override").await;
    priya.sees("Override saved").await;
    priya.opens("/initiatives/INIT-101").await;
    priya.sees_in("#score-card header", "Overridden").await;
    inspection.state(&priya, "an overridden score").await;
    priya.opens("/overrides/1").await;
    inspection.page(&priya, "an override’s receipt").await;

    let ada = app.signs_in(Role::Admin).await;
    ada.opens("/frameworks/new").await;
    inspection.page(&ada, "a framework to be").await;
    ada.enters("Key", "ICE").await;
    ada.enters("Name", "ICE").await;
    ada.enters("Formula", "value = impact * confidence * ease +")
        .await;
    ada.sees_in("#framework-definition", "1 error").await;
    inspection
        .state(&ada, "a framework’s formula with an error")
        .await;
    ada.enters("Formula", "value = impact * confidence * ease")
        .await;
    ada.sees_in("#framework-definition", "Reads 3 params").await;
    inspection.state(&ada, "a framework with its params").await;
    ada.clicks("#framework-save").await;
    ada.sees("Version 1").await;
    inspection.page(&ada, "a framework").await;
    for (path, what) in [
        ("/frameworks", "the frameworks"),
        ("/frameworks/RICE", "a built-in framework"),
    ] {
        ada.opens(path).await;
        inspection.page(&ada, what).await;
    }
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_an_open_field_whatever_it_says() {
    let app = App::start().await;
    let mut inspection = Inspection::default();
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    // Each kind of field: a number, two, a choice, a line, a text, a date. In its place, and as a page of its own.
    for field in ["value", "range", "source", "unit"] {
        priya.opens("/initiatives/INIT-1").await;
        let row = priya.row_of("margin").await;
        priya
            .clicks(&format!("{row} a[href$='/fields/{field}/edit']"))
            .await;
        priya.sees_in("form.edit", "Save").await;
        inspection
            .state(&priya, &format!("{field} open in the grid"))
            .await;
    }
    priya.opens("/params/1").await;
    inspection.page(&priya, "a param’s page").await;
    for field in ["notes", "review_by"] {
        priya.opens("/params/1").await;
        priya
            .clicks(&format!("a[href^='/params/1/fields/{field}/edit']"))
            .await;
        priya.sees_in("form.edit", "Save").await;
        inspection
            .state(&priya, &format!("{field} open on its page"))
            .await;
    }
    for path in [
        "/initiatives/INIT-1/params/new?framework=MATH_MODEL",
        "/params/1/fields/unit/edit",
        "/params/1/fields/value/edit",
        "/params/1/fields/range/edit",
        "/params/1/fields/source/edit",
        "/params/1/fields/notes/edit",
        "/params/1/fields/review_by/edit",
        "/initiatives/INIT-1/fields/title/edit",
        "/math-models/1/fields/model_name/edit",
    ] {
        priya.opens(path).await;
        priya.sees_in("form.edit", "Save").await;
        inspection.state(&priya, path).await;
    }

    // What is no number, what can be read in two ways, and what somebody else has changed.
    priya.opens("/initiatives/INIT-1").await;
    priya.edits("sessions").await;
    priya.types("about a million").await;
    priya.enter().await;
    priya.sees_in("form.edit .error", "number").await;
    inspection.state(&priya, "no number").await;
    priya.returns().await;
    priya.escape().await;
    priya.edits("margin").await;
    priya.types("4").await;
    priya.enter().await;
    priya.sees_in("form.edit", "Use 4%").await;
    inspection.state(&priya, "two readings").await;
    priya.escape().await;

    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/params?initiative=INIT-1").await;
    priya.edits("sessions").await;
    priya.types("500").await;
    anders.fills("sessions", "400").await;
    priya.sees_in("form.edit .meanwhile", "Anders Holm").await;
    inspection.state(&priya, "changed by somebody else").await;
    goes(&priya, true).await;
    priya.sees_in(".offline", "You are offline").await;
    inspection.state(&priya, "offline").await;
    goes(&priya, false).await;
    priya.sees_no("You are offline").await;
    priya.enter().await;
    priya.sees_in(".conflict", "Theirs 400").await;
    inspection.state(&priya, "a conflict").await;
    turns_deaf(&anders).await;
    priya.presses_in("form.edit", "Save mine anyway").await;
    priya.sees_closed("sessions").await;
    let row = anders.row_of("sessions").await;
    anders.presses_in(&row, "Approve").await;
    anders
        .sees_in("#notices", "Priya Nair changed the value")
        .await;
    inspection
        .state(&anders, "an approval that came too late")
        .await;
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_pasting_and_of_deciding_on_many() {
    let app = App::start().await;
    let mut inspection = Inspection::default();
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params").await;
    let row = priya.row_of("sessions").await;
    priya.clicks(&format!("{row} .pick")).await;
    priya.sees_in("#bulk", "1 row chosen").await;
    inspection.page(&priya, "the bar of chosen rows").await;
    priya.presses_in("#bulk", "Approve").await;
    priya.sees_in("#notices", "left out").await;
    inspection.state(&priya, "a row left out").await;
    priya.opens("/params/paste").await;
    priya.presses("Preview").await;
    priya.sees_in("#paste-error", "nothing to paste").await;
    inspection.page(&priya, "the page that takes a block").await;
    priya.enters("Cells", "500").await;
    priya
        .chooses("Lands on", "INIT-1: sessions and the rows below it")
        .await;
    priya.chooses("From the column", "Value").await;
    priya.presses("Preview").await;
    priya.sees_in("#main", "1 changed").await;
    inspection.page(&priya, "what pasting would do").await;
    priya.presses("Apply 1 cell").await;
    priya.sees_in("#notices", "Pasted 1 cell").await;
    inspection.state(&priya, "pasted").await;
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_signing_in_with_a_provider_or_of_why_it_failed() {
    let provider = Provider::start();
    let app = App::start_with(Way::Pointer, &provider.variables()).await;
    let mut inspection = Inspection::default();
    let nadia = app.comes("Nadia Rahman", Screen::Desk).await;
    nadia.opens("/sign-in").await;
    nadia.sees("Sign in with 127.0.0.1").await;
    inspection.page(&nadia, "signing in with a provider").await;
    nadia.opens("/auth/callback?state=none").await;
    nadia.sees_in("h1", "This sign-in is over").await;
    inspection.page(&nadia, "a sign-in that failed").await;
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_what_happened_and_of_taking_it_back() {
    let app = App::start().await;
    journey::ada_brings_the_backlog_in(&app).await;
    let mut inspection = Inspection::default();
    let priya = app.signs_in(Role::Pm).await;
    priya.opens("/initiatives/INIT-101").await;
    let first = priya.params().await.remove(0);
    priya.fills(&first, "430,000").await;
    inspection.page(&priya, "saved, with undo beside it").await;
    priya.presses_in("#notices", "Undo").await;
    priya.sees("Undone. You changed the value of").await;
    inspection.page(&priya, "undone, with redo beside it").await;
    priya.reloads().await;
    inspection.state(&priya, "nothing to undo").await;
    priya.writes_formula("value = margin").await;
    priya.presses("Save").await;
    priya.sees_in("#notices", "You saved version").await;
    inspection
        .state(&priya, "a formula saved, with undo beside it")
        .await;
    priya.opens("/math-models/1").await;
    priya.sees_in("#undo", "Undo").await;
    priya.clicks(".versions li:last-child summary").await;
    inspection.page(&priya, "a model’s versions, opened").await;
    for (path, what) in [
        ("/history", "everybody’s history"),
        ("/params/1/history", "a param’s history"),
        ("/params/1/history?field=value", "a cell’s history"),
        ("/params/1/comments", "a param’s comments"),
    ] {
        priya.opens(path).await;
        inspection.page(&priya, what).await;
    }
    priya.opens("/history?person=999999").await;
    inspection
        .state(&priya, "everybody’s history, nothing found")
        .await;
    priya.opens("/params/1").await;
    priya
        .enters("Say something", "Is this from @Anders Holm?")
        .await;
    inspection.state(&priya, "a comment being written").await;
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_who_else_is_there_and_of_new_rows() {
    let app = App::start().await;
    let mut inspection = Inspection::default();
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    let ada = app.signs_in(Role::Admin).await;
    ada.opens("/params").await;
    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/params?initiative=INIT-1").await;
    anders.edits("sessions").await;
    priya.sees_in(".present summary", "AH").await;
    priya.sees_in(".present summary", "Also here").await;
    inspection.page(&priya, "somebody else is there").await;
    priya.clicks(".present summary").await;
    priya
        .sees_in(".present .menu", "Anders Holm, editing")
        .await;
    inspection.page(&priya, "who else is there").await;
    priya.edits("sessions").await;
    priya.sees_in("form.edit .held", "Anders Holm").await;
    inspection.page(&priya, "two in one field").await;
    priya.escape().await;

    priya
        .writes_formula("value = sessions * margin * orders")
        .await;
    priya.presses("Save").await;
    priya.presses("Approve formula").await;
    ada.sees_in(".news", "1 new row").await;
    inspection.page(&ada, "a new row is offered").await;
    inspection.has_found_nothing();
}

#[tokio::test]
async fn nobody_is_kept_out_of_bringing_a_workbook_in() {
    let app = App::start().await;
    let mut inspection = Inspection::default();
    let ada = app.signs_in(Role::Admin).await;
    ada.opens("/imports").await;
    inspection.page(&ada, "imports, none yet").await;
    let backlog = "Key,Title,Value Score,Overall Score,Active Framework\nINIT-1,Seats,3840,480,RICE\nINIT-2,Menus,,,\n";
    let backlog = OnDisk::new("axe-first.csv", backlog);
    ada.uploads(&backlog.0).await;
    inspection.page(&ada, "a preview of new rows").await;
    ada.presses_in("#import-form", "Import").await;
    ada.sees_in("#done", "Ada Okafor").await;
    ada.clicks("#undo-import summary").await;
    inspection.page(&ada, "an import that was done").await;
    ada.opens("/backlog").await;
    inspection
        .state(&ada, "a legacy score in the backlog")
        .await;
    ada.opens("/initiatives/INIT-1").await;
    ada.sees_in("#legacy-score", "Drop legacy score").await;
    inspection.state(&ada, "a legacy score on its page").await;

    ada.opens("/initiatives/INIT-1/fields/title/edit").await;
    ada.enters("Title", "By hand").await;
    ada.presses("Save").await;
    let again = "Key,Title,Engineering days that somebody reckoned,Requester Email,Eng days,PM notes\n\
                 (key),,,,,\nINIT-1,Seats and tables,,no-address-at-all-but-one-long-word-without-any-gap,a week,x\n\
                 INIT-2,Menus for everybody,,,3,\nINIT-2,Twice,,,,\nINIT-3,Prices,,,,\n";
    let again = OnDisk::new("axe-second-with-a-rather-long-name-of-a-file.csv", again);
    ada.uploads(&again.0).await;
    ada.sees_in("#kept", "By hand").await;
    ada.clicks(".columns summary").await;
    inspection
        .page(&ada, "a preview with refused, changed and kept cells")
        .await;
    ada.presses_in("#import-form", "Import").await;
    ada.sees_in("#done", "Ada Okafor").await;
    inspection
        .page(&ada, "a result with refused, changed and kept cells")
        .await;
    ada.clicks("#undo-import summary").await;
    ada.presses("Take it back").await;
    ada.sees_in("h1", "Import taken back").await;
    inspection.state(&ada, "an import taken back").await;
    ada.opens("/imports").await;
    inspection.page(&ada, "imports, with files").await;
    inspection.has_found_nothing();
}

/// A Google sheet about which everything is to be said, put there behind the app's back; the mirror is off meanwhile.
const ODD_SHEET: [&str; 4] = [
    "update mirror_target set mode = 'off', kind = 'google', address = '1aB', tab = 'Backlog', title = 'Backlog', sheet_id = 7,
       account = 'mirror@example.com', last_ok = now(), last_error = 'Google says: 403 The caller does not have permission',
       failing_since = now(), wait_until = now() + interval '1 hour', left_out = array(select id from initiatives limit 1),
       handed_back = '{country}',
       held = '{\"token\": \"first_write\", \"sentence\": \"The first write would change 9 of 10 cells that aren’t empty.\"}',
       state = '{\"columns\": [{\"field\": \"title\", \"column\": \"B\", \"header\": \"Initiative Title\", \"is_alias\": true}],
         \"missing\": [\"score_status\", \"receipt\"], \"doubled\": [{\"key\": \"INIT-3\", \"rows\": [4, 9]}],
         \"unknown\": [{\"key\": \"INIT-77\", \"row\": 12}], \"quarantined\": [{\"key\": \"INIT-1\", \"field\": \"title\"}],
         \"waiting\": {\"cells\": 1, \"rows\": 1}, \"absent\": [\"INIT-1\"],
         \"counts\": {\"initiatives\": 1, \"doubled\": 1, \"unknown\": 1, \"quarantined\": 1}}'",
    "insert into mirror_difference values (1, 'INIT-1', 7, 'title', 'By hand', 'Loyalty prices')",
    "insert into mirror_drift (initiative_id, field, found, is_formula, restored, at)
     select id, 'title', '=SUM(A1:A9)', true, 'Loyalty prices', now() from initiatives",
    "insert into mirror_run (started, finished, trigger, outcome, error)
     values (now(), now(), 'asked', 'failed', 'Google says: 403 The caller does not have permission')",
];

#[tokio::test]
async fn nobody_is_kept_out_of_the_mirror() {
    let app = App::start().await;
    let mut inspection = Inspection::default();
    let ada = app.signs_in(Role::Admin).await;
    ada.opens("/initiatives/new").await;
    ada.enters("Key", "INIT-1").await;
    ada.enters("Title", "Loyalty prices").await;
    ada.presses("Create initiative").await;
    ada.sees("Loyalty prices").await;
    ada.opens("/mirror").await;
    ada.sees_in("#standing", "In step").await;
    inspection.page(&ada, "the mirror of a file").await;
    ada.presses("Pause until resumed").await;
    ada.sees("Paused until somebody resumes it").await;
    inspection.state(&ada, "a paused mirror").await;
    for odd in ODD_SHEET {
        app.sql(odd).await;
    }
    ada.presses("Resume").await;
    ada.sees("By hand").await;
    inspection
        .page(&ada, "a mirror of which everything is to be said")
        .await;
    ada.clicks("#mode-write").await;
    ada.presses("Save the mode").await;
    ada.sees("Let the mirror write").await;
    inspection.state(&ada, "what a write would change").await;
    ada.opens("/mirror/set-up").await;
    inspection.page(&ada, "setting a sheet up").await;
    drop(ada);
    let vera = app.signs_in(Role::Viewer).await;
    vera.opens("/mirror").await;
    vera.clicks("main .barred summary").await;
    inspection
        .state(&vera, "the mirror as a viewer sees it")
        .await;
    inspection.has_found_nothing();
}
