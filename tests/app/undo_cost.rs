//! What taking a large act back costs: one statement for each row that gets its fields back, and for all else as many as
//! for a single row. An initiative is scored once.

use crate::{
    statements::Counted,
    support::{Page, Person},
};
use reqwest::StatusCode;
use std::sync::atomic::Ordering;

const APPROVED: &str =
    "select count(*) from approvals a where subject_kind = 'param' and withdrawn_at is null";
const SCORED: &str = "select count(*) from initiative_frameworks where status = 'approved'";
const SCORES: &str = "select count(*) from scores";

/// The form of one act or another that is sent as the page's own script would.
async fn presses(counted: &Counted, asked: &str) -> (Page, usize) {
    let (action, fields) = counted.pm.get(asked).await.form("#undo form");
    let before = counted.statements.load(Ordering::SeqCst);
    let answer = counted.pm.post_htmx(&action, &fields).await;
    let cost = counted.statements.load(Ordering::SeqCst) - before;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.html);
    (answer, cost)
}

async fn undoes(counted: &Counted) -> usize {
    presses(counted, "/changes/last?initiative=INIT-1").await.1
}

async fn does_again(counted: &Counted) -> usize {
    presses(counted, "/changes/last?initiative=INIT-1&wanted=redo")
        .await
        .1
}

/// Approves all of them as they stand.
async fn approves_all(person: &Person, rows: usize) {
    let mut form: Vec<_> = (1..=rows)
        .map(|id| ("row".to_owned(), format!("{id}:1")))
        .collect();
    form.push(("next".to_owned(), "/params".to_owned()));
    let answer = person.post_htmx("/params/approvals", &form).await;
    assert!(answer.html.contains("params approved"), "{}", answer.html);
}

/// Pastes label, value, unit, range and owner into all of them, so that every approval falls.
async fn pastes_over_all(counted: &Counted, rows: usize) {
    let revision = counted.app.count("select max(revision) from params").await;
    let ids: Vec<_> = (1..=rows).map(|id| id.to_string()).collect();
    let block: Vec<_> = (1..=rows)
        .map(|row| format!("Label {row}\t{row}5\tu\t0 to 9000\tEng\tnoted"))
        .collect();
    let shown: Vec<_> = ids.iter().map(|id| format!("{id}:{revision}")).collect();
    let form = [
        ("seen_revisions", shown.join(",")),
        ("text", block.join("\n")),
        ("rows", ids.join(",")),
        ("at", "1".to_owned()),
        ("column", "0".to_owned()),
        ("next", "/params".to_owned()),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value));
    let answer = counted.pm.post_htmx("/params/paste", &form).await;
    let said = format!("into {rows} rows");
    assert!(answer.html.contains(&said), "{}", answer.html);
}

#[tokio::test]
async fn taking_a_large_act_back_takes_a_statement_for_each_row_that_it_wrote_and_scores_once() {
    let mut costs = Vec::new();
    for rows in [40, 200] {
        let counted = Counted::with_params(rows).await;
        let (app, all) = (&counted.app, i64::try_from(rows).unwrap());
        counted.withdraw_all().await;
        approves_all(&counted.pm, rows).await;
        assert_eq!(app.count(APPROVED).await, 2 * all);
        let scores = app.count(SCORES).await;
        let mut cost = Vec::new();

        cost.push(undoes(&counted).await);
        assert_eq!(app.count(APPROVED).await, 0, "the approvals went");
        cost.push(does_again(&counted).await);
        assert_eq!(app.count(APPROVED).await, 2 * all, "and came back");
        assert_eq!(app.count(SCORED).await, 1);

        pastes_over_all(&counted, rows).await;
        assert_eq!(app.count(APPROVED).await, 0, "they fell with the paste");
        for _ in 0..2 {
            cost.push(undoes(&counted).await - rows);
            assert_eq!(app.count(APPROVED).await, 2 * all, "and came back");
            assert_eq!(app.count(SCORED).await, 1);
            cost.push(does_again(&counted).await - rows);
            assert_eq!(app.count(APPROVED).await, 0, "the block is there again");
        }
        assert!(
            app.count(SCORES).await - scores <= 3,
            "each time at most one"
        );
        costs.push(cost);
    }
    for (few, many) in costs[0].iter().zip(&costs[1]) {
        // While it lasts, the app may look after something of its own.
        assert!(many.abs_diff(*few) <= 3, "40 and 200 rows: {costs:?}");
        assert!(*many <= 40, "{costs:?}");
    }
}
