//! A thousand initiatives with every column: the calls are the same as for three.

use super::{
    calls::{google_in, terms, text},
    memory::Leads,
    people::Deed,
    service::Service,
    tab::Tab,
};
use productops::{
    domain::ids::InitiativeId,
    mirror::{
        Mode,
        diff::Wanted,
        google::Google,
        grid::Cell,
        layout::{KEY, OWNED, OWNED_COUNT},
        run::{Known, Report, run},
    },
};
use std::{collections::VecDeque, time::Duration};

const COUNT: i64 = 1_000;

/// Texts of the usual length, figures, and what of it changes with each edition.
fn wanted(number: i64, edition: usize, length: usize) -> Wanted {
    let cell = |at: usize| match at % 4 {
        _ if OWNED[at] == "hypothesis" => text(&"x".repeat(length)),
        0 => text(&format!("{} of {number}, edition {edition}", OWNED[at])),
        1 => Cell::Number(f64::from(u32::try_from(number).unwrap()) + 0.5),
        2 => Cell::Empty,
        _ => Cell::Bool(number % 2 == 0),
    };
    Wanted {
        id: InitiativeId(number),
        key: format!("INIT-{number}").parse().unwrap(),
        cells: (0..OWNED_COUNT).map(cell).collect(),
    }
}

fn all(count: i64, length: usize) -> Vec<Wanted> {
    (1..=count)
        .map(|number| wanted(number, 1, length))
        .collect()
}

async fn go(google: &mut Google, wanted: &[Wanted], known: &mut Known) -> Report {
    let report = run(google, wanted, known, &terms(Mode::Write), &mut Leads)
        .await
        .unwrap();
    known.verified.extend(report.verified.clone());
    report
}

async fn service() -> Service {
    let mut header = vec![text("PM Notes"), text(KEY)];
    header.extend(OWNED.map(text));
    let width = header.len();
    Service::with(Tab::new("Backlog", &[header], (100, width))).await
}

#[tokio::test]
async fn a_thousand_initiatives_take_the_calls_of_the_table() {
    let service = service().await;
    let mut google = google_in(&service, Duration::from_secs(30)).await;
    let (mut known, mut all) = (Known::default(), all(COUNT, 200));
    let first = go(&mut google, &all, &mut known).await;
    assert_eq!(first.appended, 1_000);
    let (reads, writes) = service.calls();
    assert_eq!(reads, 1);
    assert!(
        writes <= 3 && service.state().largest < 2_000_000,
        "{writes} writes"
    );

    all[500] = wanted(501, 2, 200);
    go(&mut google, &all, &mut known).await;
    assert_eq!(service.calls(), (1, 1), "one change");

    for number in 1..=300 {
        all[number - 1] = wanted(i64::try_from(number).unwrap(), 3, 200);
    }
    go(&mut google, &all, &mut known).await;
    assert_eq!(service.calls(), (1, 1), "300 changes");

    for number in 400..=500 {
        all[number - 1] = wanted(i64::try_from(number).unwrap(), 4, 200);
    }
    let sort = Deed::Sort {
        header: 0,
        column: 1,
    };
    service.state().people = VecDeque::from([vec![sort]]);
    let sorted = go(&mut google, &all, &mut known).await;
    assert_eq!(service.calls(), (1, 2), "sorted in the middle");
    assert_eq!(sorted.drift, []);

    all[7] = wanted(8, 5, 200);
    service.state().people = VecDeque::from([vec![Deed::Rename("Roadmap".to_owned())]]);
    go(&mut google, &all, &mut known).await;
    assert_eq!(service.calls(), (2, 1), "renamed in the middle");
    go(&mut google, &all, &mut known).await;
    assert_eq!(service.calls(), (1, 0));
}

#[tokio::test]
async fn what_is_too_large_for_one_write_goes_in_parts_each_of_them_looked_at() {
    let service = service().await;
    let mut google = google_in(&service, Duration::from_secs(30)).await;
    let (mut known, all) = (Known::default(), all(300, 10_000));
    let report = go(&mut google, &all, &mut known).await;
    let (reads, writes) = service.calls();
    assert_eq!(reads, 1);
    assert!((3..=5).contains(&writes), "{writes} writes");
    assert!(service.state().largest < 2_000_000);
    assert_eq!(report.appended, 300);
    assert_eq!(service.state().tab.grid().rows.len(), 301);
    go(&mut google, &all, &mut known).await;
    assert_eq!(service.calls(), (1, 0));
}

#[tokio::test]
async fn a_sheet_of_thousands_of_rows_takes_the_same_calls() {
    let header = ["PM Notes", KEY, "title", "value_score", "score_status"].map(text);
    let service = Service::with(Tab::new("Backlog", &[header.to_vec()], (100, 5))).await;
    let mut google = google_in(&service, Duration::from_secs(30)).await;
    let (mut known, mut all) = (Known::default(), all(2_600, 20));
    go(&mut google, &all, &mut known).await;
    let (reads, writes) = service.calls();
    assert_eq!((reads, writes), (1, 1));
    all[2_500] = wanted(2_501, 2, 20);
    let insert = Deed::InsertRow(7);
    service.state().people = VecDeque::from([vec![insert]]);
    let moved = go(&mut google, &all, &mut known).await;
    assert_eq!((service.calls(), moved.drift.len()), ((1, 2), 0));
    go(&mut google, &all, &mut known).await;
    assert_eq!(service.calls(), (1, 0));
}
