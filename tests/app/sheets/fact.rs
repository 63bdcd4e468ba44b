//! A fact that 500 initiatives use: its change reaches the sheet in one read and one write.

use super::{
    calls::text,
    service::Service,
    tab::Tab,
    worker::{shown, variables},
};
use crate::{
    facts::{adds, approves, proposes},
    facts_of_many::{FOLLOW, seed},
    mirror::eventually,
    support::TestApp,
};
use productops::domain::rights::Role;

#[tokio::test]
async fn a_fact_of_500_initiatives_reaches_the_sheet_in_one_read_and_one_write() {
    let header = ["Initiative Key", "Title", "Value Score"].map(text);
    let service = Service::with(Tab::new("Backlog", &[header.to_vec()], (600, 3))).await;
    let mut variables = variables(&service);
    // What is counted is what a mark wakes, and not what the mirror looks at by itself.
    variables.retain(|(name, _)| *name != "MIRROR_INTERVAL_SECONDS");
    variables.push(("MIRROR_MODE", "write".to_owned()));
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let app = TestApp::start_with(&variables).await;
    seed(&app).await;
    let pm = app.sign_in(Role::Pm).await;
    adds(&pm, "Average order value", "45", "PM").await;
    app.run(FOLLOW).await;
    approves(&pm, "1").await;
    proposes(&pm, "1", "90").await;
    let settled = async || app.count("select count(*) from mirror_dirty").await == 0;
    eventually("the first scores in the sheet", settled).await;
    let value = |key: &str| shown(&service, key, "Value Score");
    eventually("a score", async || {
        value("INIT-1").is_some_and(|text| !text.is_empty())
    })
    .await;
    let before = value("INIT-1");
    service.calls();
    approves(&pm, "1").await;
    eventually("another score", async || value("INIT-1") != before).await;
    eventually("the end", settled).await;
    assert_eq!(service.calls(), (1, 1));
    let rows = service.state().tab.rows.len();
    assert!(rows > 500, "{rows}");
}
