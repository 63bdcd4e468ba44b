//! What is put around the app's columns where columns are closed or groups may edit them, and what is set anew when that
//! is asked for.

use super::{
    calls::{google_in, google_protecting, tab, terms, three},
    memory::Leads,
    people::Deed,
    service::{ACCOUNT, SPREADSHEET, Service},
};
use productops::mirror::{
    Mode,
    google::{Google, Protection},
    run::{Known, run},
};
use serde_json::{Value, json};
use std::time::Duration;

const TIME: Duration = Duration::from_secs(30);

async fn go(google: &mut Google) {
    let (mut known, terms) = (Known::default(), terms(Mode::Write));
    let done = run(google, &three(), &mut known, &terms, &mut Leads).await;
    done.unwrap();
}

async fn protecting(service: &Service, is_hard: bool, groups: &[&str]) -> Google {
    let protection = Protection {
        is_hard,
        groups: groups.iter().map(ToString::to_string).collect(),
    };
    google_protecting(service, (SPREADSHEET, Some(7)), TIME, protection).await
}

/// The kinds of requests of the last write.
fn kinds(service: &Service) -> Vec<String> {
    let state = service.state();
    let requests = state.bodies.last().unwrap()["requests"].as_array().unwrap();
    let kinds = requests.iter().map(|request| request.as_object().unwrap());
    kinds.flat_map(|request| request.keys().cloned()).collect()
}

#[tokio::test]
async fn closed_columns_are_open_to_the_app_and_the_groups_that_are_configured() {
    let service = Service::with(tab()).await;
    let mut google = protecting(&service, true, &["admins@example.com"]).await;
    go(&mut google).await;
    let added = service.state().bodies[0]["requests"].clone();
    let added = added.as_array().unwrap().iter();
    let added: Vec<&Value> = added
        .map(|request| &request["addProtectedRange"]["protectedRange"])
        .filter(|range| !range.is_null())
        .collect();
    assert_eq!(added.len(), 7);
    for range in added {
        assert_ne!(range["warningOnly"], json!(true), "{range}");
        assert_eq!(range["editors"]["users"], json!([ACCOUNT]));
        assert_eq!(range["editors"]["groups"], json!(["admins@example.com"]));
    }
    service.calls();
    go(&mut google).await;
    assert_eq!(service.calls(), (1, 0), "set once");
}

#[tokio::test]
async fn another_configuration_puts_right_what_the_one_before_had_set() {
    let service = Service::with(tab()).await;
    go(&mut google_in(&service, TIME).await).await;
    service.calls();
    go(&mut protecting(&service, true, &[]).await).await;
    assert_eq!(service.calls(), (1, 1));
    assert_eq!(kinds(&service), ["updateProtectedRange"; 3]);
    go(&mut protecting(&service, false, &["admins@example.com"]).await).await;
    let warns = |range: &&Value| range["warningOnly"] == json!(true);
    let state = service.state();
    assert_eq!(state.tab.protected.iter().filter(warns).count(), 3);
    let groups = |range: &&Value| range["editors"]["groups"] == json!(["admins@example.com"]);
    assert_eq!(state.tab.protected.iter().filter(groups).count(), 4);
}

#[tokio::test]
async fn formats_are_set_anew_when_that_is_asked_for_and_only_then() {
    let service = Service::with(tab()).await;
    let mut google = google_in(&service, TIME).await;
    go(&mut google).await;
    let before = service.state().tab.rows[1][1].format.clone();
    for row in &mut service.state().tab.rows {
        row[1].format = "by hand".to_owned();
    }
    Deed::Rename("Renamed".to_owned()).happens_to(&mut service.state().tab);
    service.calls();
    go(&mut google).await;
    assert_eq!(service.calls(), (1, 0));
    google.renew_formats();
    go(&mut google).await;
    assert_eq!(service.calls(), (1, 1));
    assert!(!google.renews_formats());
    // Title, value and status; nothing is said of people's columns.
    assert_eq!(kinds(&service), ["repeatCell"; 3]);
    {
        let state = service.state();
        assert_eq!(state.tab.rows[1][1].format, before);
        assert_eq!(state.tab.rows[1][0].format, "", "people’s column");
    }
    go(&mut google).await;
    assert_eq!(service.calls(), (1, 0));
}
