//! What people do to scenarios, as the tests of all their rooms do it: on INIT-1, by its math model or by a framework.

use crate::support::{Page, Person};
use reqwest::StatusCode;

/// The live approvals of scenarios.
pub(crate) const LIVE: &str =
    "select count(*) from approvals where part = 'scenario' and withdrawn_at is null";

/// Where a framework's scenarios stand side by side.
pub(crate) fn side_by_side(framework: &str) -> String {
    format!("/initiatives/INIT-1/frameworks/{framework}/scenarios")
}

/// Where one of them (none: Base) is chosen to drive the score.
pub(crate) fn driver(framework: &str, scenario: Option<&str>) -> String {
    let chosen = scenario.map(|it| format!("?scenario={}", it.trim_start_matches("/scenarios/")));
    let chosen = chosen.unwrap_or_default();
    format!("/initiatives/INIT-1/frameworks/{framework}/driver{chosen}")
}

/// Asks for a scenario of that name; the page that comes back.
pub(crate) async fn asks_for(pm: &Person, framework: &str, label: &str) -> Page {
    let page = pm.get(&side_by_side(framework)).await;
    let form = format!("form[action='{}']", side_by_side(framework));
    page.submit(pm, &form, &[("label", label)]).await
}

/// Makes a scenario; its address.
pub(crate) async fn makes_by(pm: &Person, framework: &str, label: &str) -> String {
    let made = asks_for(pm, framework, label).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text("main"));
    let (path, _) = made.path.split_once('?').expect("an act in the address");
    path.to_owned()
}

/// The same beside the initiative's own model.
pub(crate) async fn makes(pm: &Person, label: &str) -> String {
    makes_by(pm, "MATH_MODEL", label).await
}

/// The form for what a scenario says of a param.
pub(crate) async fn value_form(person: &Person, scenario: &str, param: &str) -> Page {
    let page = person.get("/initiatives/INIT-1").await;
    let id = page.param_id(param);
    person.get(&format!("{scenario}/values/{id}/edit")).await
}

/// Sets a param's number in a scenario; the scenario's page.
pub(crate) async fn sets(person: &Person, scenario: &str, param: &str, typed: &str) -> Page {
    let form = value_form(person, scenario, param).await;
    let saved = form.submit(person, "form.sheet", &[("value", typed)]).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
    saved
}

/// Approves what is a scenario's own.
pub(crate) async fn approves(person: &Person, scenario: &str) -> Page {
    let page = person.get(scenario).await;
    page.submit(person, "#approve", &[]).await
}

/// Lets a scenario (none: Base) drive the score, from the page that shows the effect.
pub(crate) async fn lets_drive_by(pm: &Person, framework: &str, scenario: Option<&str>) -> Page {
    let effect = pm.get(&driver(framework, scenario)).await;
    effect.submit(pm, "#drive", &[]).await
}

/// The same for one beside the initiative's own model.
pub(crate) async fn lets_drive(pm: &Person, scenario: &str) -> Page {
    lets_drive_by(pm, "MATH_MODEL", Some(scenario)).await
}
