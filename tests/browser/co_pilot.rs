//! The LLM as a co-pilot: the seed's scenarios B (it proposes from a description) and C (it gets her close, she refines),
//! against an endpoint that says what it is told to. Nothing that it says counts before a person has taken and approved it.

use crate::{
    app::App,
    llm_endpoint::{Endpoint, Say, content, formula},
    person::{Person, Way},
};
use productops::domain::rights::Role;
use serde_json::json;

const DESCRIPTION: &str = "If we reduce tickets by X per month, and each ticket costs Y, we save X*Y per month over Z months.";
const PROMPT: &str = "Propose the expected annual value in £.";
const FIRST: &str = "value = ticket_reduction_per_month * cost_per_ticket";
const SECOND: &str = "value = ticket_reduction_per_month * cost_per_ticket * horizon_months";

#[tokio::test]
async fn scenario_b_the_llm_proposes_from_a_description() {
    the_llm_proposes_and_she_decides(Way::Pointer).await;
}

#[tokio::test]
async fn scenario_b_with_javascript_off() {
    the_llm_proposes_and_she_decides(Way::NoScript).await;
}

#[tokio::test]
async fn scenario_c_the_llm_gets_her_close_and_she_refines() {
    she_refines_what_it_proposed(Way::Pointer).await;
}

#[tokio::test]
async fn scenario_c_with_javascript_off() {
    she_refines_what_it_proposed(Way::NoScript).await;
}

#[tokio::test]
async fn an_answer_comes_by_itself_and_leaves_alone_what_she_types_and_where_she_is() {
    let (llm, _app, priya) = she_turns_the_math_model_on(Way::Pointer).await;
    llm.say([Say::Held(formula("value = tickets").to_string())]);
    priya.presses("Ask for a suggestion").await;
    priya.sees_in(".asking", "Asking the LLM").await;
    priya.presses("Say how the value should be modelled").await;
    priya.enters("Description", "Half a sentence").await;
    llm.let_go();
    priya.sees_in(".suggested", "value = tickets").await;
    priya.still_has_typed("Half a sentence").await;
    priya.presses("Cancel").await;

    llm.say([Say::Held(formula("value = orders").to_string())]);
    priya.presses("Ask again").await;
    priya.sees_in(".asking", "Asking the LLM").await;
    priya
        .asks_page("document.querySelector('.asking button').focus()")
        .await;
    llm.let_go();
    priya.sees_in(".suggested", "value = orders").await;
    let at = priya
        .asks_page("return document.activeElement.className")
        .await;
    assert_eq!(at, "answer", "never another button in the place of Cancel");
}

async fn the_llm_proposes_and_she_decides(way: Way) {
    let (llm, app, priya) = she_turns_the_math_model_on(way).await;
    she_describes_what_she_has_in_mind(&priya).await;
    it_proposes_something(&llm, &priya).await;
    she_refuses_it_with_a_reason_and_takes_the_next_one(&llm, &priya).await;
    she_approves_it_and_the_params_come_with_the_llms_words(&llm, &priya).await;
    everybody_sees_the_score_once_she_has_filled_them_in(&priya).await;
    drop(app);
}

/// B1.
async fn she_turns_the_math_model_on(way: Way) -> (Endpoint, App, Person) {
    let llm = Endpoint::start();
    let variables = llm.variables();
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let app = App::start_with(way, &variables).await;
    let priya = app.signs_in(Role::Pm).await;
    priya.opens("/initiatives/new").await;
    priya.enters("Key", "INIT-456").await;
    priya.enters("Title", "Fewer support tickets").await;
    priya.chooses("Scoring framework", "Math model").await;
    priya.presses("Create initiative").await;
    priya.sees_in("#journey", "No formula yet").await;
    (llm, app, priya)
}

/// B2. No formula, no approval: only what she has in mind, and a wish.
async fn she_describes_what_she_has_in_mind(priya: &Person) {
    for (invitation, field, text) in [
        (
            "Say how the value should be modelled",
            "Description",
            DESCRIPTION,
        ),
        ("Add wishes for the LLM", "Prompt to the LLM", PROMPT),
    ] {
        priya.writes_in(invitation, field, text).await;
        priya.goes_on_at("/initiatives/INIT-456").await;
    }
}

/// B3. The answer comes by itself, with what it rests on.
async fn it_proposes_something(llm: &Endpoint, priya: &Person) {
    llm.say([content(&json!({
        "formula": FIRST,
        "assumptions": ["Each avoided ticket saves its <full> cost."],
        "notes": "No CSAT or churn.",
        "value_unit": "£",
        "params": [{ "name": "cost_per_ticket", "label": "Cost of a ticket", "unit": "£", "description": "",
                     "min": 0, "max": null, "source": "Finance" }],
    }))]);
    priya.presses("Ask for a suggestion").await;
    priya.awaits(".suggested", FIRST).await;
    priya
        .sees_in(".suggested", "No formula is saved yet.")
        .await;
    priya
        .sees_in(".ideas", "cost_per_ticket new Cost of a ticket (£)")
        .await;
    priya
        .sees_in(".suggested", "Each avoided ticket saves its <full> cost.")
        .await;
    priya
        .awaits(".suggested", "Assumptions as in the model.")
        .await;
    priya.sees_in("#journey", "No formula yet").await;
}

/// B4. She steers, and is always the gatekeeper.
async fn she_refuses_it_with_a_reason_and_takes_the_next_one(llm: &Endpoint, priya: &Person) {
    llm.say([content(&json!({
        "formula": SECOND,
        "assumptions": ["Each avoided ticket saves its full cost, for the whole horizon."],
        "notes": "Now over the horizon.",
        "value_unit": "£",
        "params": [],
    }))]);
    priya.presses("Refuse it…").await;
    priya.enters("Why", "It forgets the horizon.").await;
    priya.presses("Refuse and ask again").await;
    priya.awaits(".suggested", SECOND).await;
    priya.presses("Use formula").await;
    priya
        .sees_in(".suggested", "Formula used by Priya Nair")
        .await;
    priya.sees("Approve version 1").await;
    priya.presses("All suggestions").await;
    priya.sees("Refused by Priya Nair").await;
    priya.sees("“It forgets the horizon.”").await;
    priya.opens("/initiatives/INIT-456").await;
    priya.presses("Use £ as the unit of the value").await;
    priya.goes_on_at("/initiatives/INIT-456").await;
}

/// B5. The rows are there at once; the words follow, marked as the LLM's until somebody confirms them.
async fn she_approves_it_and_the_params_come_with_the_llms_words(llm: &Endpoint, priya: &Person) {
    llm.say([content(&json!({ "params": [
        { "name": "ticket_reduction_per_month", "label": "Tickets avoided a month", "unit": "tickets",
          "description": "Against today’s volume.", "min": 0, "max": 1000, "source": "Analytics" },
        { "name": "cost_per_ticket", "label": "Cost of a ticket", "unit": "£", "description": "", "min": 0,
          "max": null, "source": "Finance" },
        { "name": "horizon_months", "label": "Horizon", "unit": "months", "description": "", "min": 1,
          "max": 36, "source": "PM" },
        { "name": "invented", "label": "Never asked for", "unit": "", "description": "", "min": null,
          "max": null, "source": "PM" },
    ] }))]);
    priya.presses("Approve formula").await;
    priya.sees("Withdraw approval").await;
    priya.goes_on_at("/initiatives/INIT-456").await;
    assert_eq!(
        priya.params().await,
        [
            "ticket_reduction_per_month",
            "cost_per_ticket",
            "horizon_months"
        ]
    );
    let row = priya.row_of("ticket_reduction_per_month").await;
    priya.awaits(&row, "Tickets avoided a month").await;
    assert!(priya.marks_in(&row).await > 0, "the LLM’s words are marked");
    priya.presses_in(&row, "Confirm").await;
    priya
        .until("no marks any more", async || {
            match priya.marks_in(&row).await {
                0 => Ok(()),
                n => Err(format!("{n} are left")),
            }
        })
        .await;
}

async fn everybody_sees_the_score_once_she_has_filled_them_in(priya: &Person) {
    for (param, typed) in [
        ("ticket_reduction_per_month", "200"),
        ("cost_per_ticket", "£5"),
        ("horizon_months", "12"),
    ] {
        priya.fills(param, typed).await;
        priya.approves(param).await;
    }
    priya.sees_in("#score-card", "£12,000").await;
}

/// C. The suggestion is a starting point: another formula, other assumptions, and only hers is approved.
async fn she_refines_what_it_proposed(way: Way) {
    let (llm, app, priya) = she_turns_the_math_model_on(way).await;
    she_describes_what_she_has_in_mind(&priya).await;
    it_proposes_something(&llm, &priya).await;
    priya.presses("Use formula").await;
    priya.sees("Approve version 1").await;
    priya
        .writes_formula("value = tickets_saved * ticket_cost * 12 - tool_cost")
        .await;
    priya.waits_for_the_check().await;
    priya.sees("Reads 3 params").await;
    priya.presses_in(".editor form.write", "Save").await;
    priya.sees("Approve version 2").await;
    priya.goes_on_at("/initiatives/INIT-456").await;
    priya
        .sees_in(".suggested del", "value = tickets_saved")
        .await;
    priya
        .writes_in(
            "Assumptions: Each avoided ticket",
            "Assumptions",
            "Half of the cost is saved.",
        )
        .await;
    priya.goes_on_at("/initiatives/INIT-456").await;
    priya.sees_in(".suggested", "Use assumptions").await;
    priya.presses("Approve formula").await;
    priya.sees("Withdraw approval").await;
    priya.goes_on_at("/initiatives/INIT-456").await;
    assert_eq!(
        priya.params().await,
        ["tickets_saved", "ticket_cost", "tool_cost"]
    );
    let row = priya.row_of("tickets_saved").await;
    priya.awaits(&row, "About tickets_saved").await;
    drop(app);
}

impl Person {
    /// Opens a field of several lines by what it says, writes in place of what is in it, and saves it.
    async fn writes_in(&self, invitation: &str, field: &str, text: &str) {
        self.presses(invitation).await;
        self.enters(field, text).await;
        self.presses_in("form.edit", "Save").await;
        if self.has_scripts() {
            self.sees(&format!("{field} saved")).await;
        } else {
            self.sees_in("main", text).await;
        }
    }

    /// Waits for what comes by itself; without scripts, by loading the page again.
    async fn awaits(&self, scope: &str, text: &str) {
        if self.has_scripts() {
            return self.sees_in(scope, text).await;
        }
        self.until(&format!("“{text}” to come"), async || {
            self.reloads().await;
            let script = "return document.querySelector(arguments[0])?.innerText.replace(/\\s+/g, ' ') ?? ''";
            let shown = self.run(script, vec![json!(scope)]).await?;
            let shown = shown.as_str().unwrap_or_default();
            if shown.contains(text) {
                Ok(())
            } else {
                Err(format!("{scope} shows: {shown}"))
            }
        })
        .await;
    }

    /// How many guesses are marked there.
    async fn marks_in(&self, scope: &str) -> u64 {
        let script = format!("return document.querySelectorAll('{scope} [class^=by-]').length");
        self.asks_page(&script).await.as_u64().unwrap_or_default()
    }
}
