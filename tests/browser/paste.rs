//! The grid as a sheet: cells are pasted with Ctrl-V, looked at, applied, and copied out again.

use crate::{app::App, person::Person};
use fantoccini::key::Key;
use productops::domain::rights::Role;
use serde_json::json;
use std::time::Duration;

impl Person {
    /// Puts the focus on a cell of a param's row, as Tab does.
    async fn goes_to_cell(&self, param: &str, column: usize) {
        let cell = format!("{} > :nth-child({column}) .field", self.row_of(param).await);
        self.until("to go to a cell", async || {
            self.is_calm().await?;
            let script = "document.querySelector(arguments[0]).focus(); return true;";
            self.run(script, vec![json!(cell)]).await.map(drop)
        })
        .await;
    }

    /// Pastes as the browser does with Ctrl-V: the text comes with the event.
    async fn pastes(&self, text: &str) {
        let script = "
            const data = new DataTransfer();
            data.setData('text/plain', arguments[0]);
            const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(event);
            return event.defaultPrevented;";
        let taken = self.run(script, vec![json!(text)]).await;
        assert_eq!(taken, Ok(json!(true)), "{}’s paste", self.name);
    }

    /// Copies as the browser does with Ctrl-C: what lands on the clipboard.
    async fn copies(&self) -> String {
        let script = "
            const data = new DataTransfer();
            const event = new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(event);
            return data.getData('text/plain');";
        let copied = self.run(script, vec![]).await.expect("a copy");
        copied.as_str().expect("a text").to_owned()
    }
}

#[tokio::test]
async fn a_block_is_pasted_looked_at_and_applied_and_copied_out_it_changes_nothing() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin + fixed")
        .await;
    priya.opens("/params").await;
    // A value that asks, in the middle of a block that is fine otherwise.
    priya.goes_to_cell("sessions", 2).await;
    priya.pastes("500,000\tvisits\n4%\t%\nmany\t\u{a3}\n").await;
    priya.sees_in("#main", "4 changed").await;
    priya.sees_in("#main", "1 refused").await;
    priya.sees_in(".pasted", "4 % (0.04)").await;
    priya.presses("Apply").await;
    priya.sees_in("#notices", "into 3 rows. 1 refused.").await;
    let row = priya.row_of("sessions").await;
    priya.sees_in(&row, "500,000").await;
    priya.is_offered_undo().await;
    let at = "return document.activeElement.getAttribute('href')";
    assert_eq!(
        priya.asks_page(at).await,
        json!("/params/1/fields/value/edit"),
        "the cursor is where the block landed"
    );

    // From the first value to the last unit, with the keys of a sheet.
    priya.goes_to_cell("sessions", 2).await;
    let shift: char = Key::Shift.into();
    priya
        .strikes(&[shift, Key::Down.into(), Key::Right.into()])
        .await
        .expect("keys");
    priya.sees("2 rows by 2 columns selected").await;
    let copied = priya.copies().await;
    assert_eq!(copied, "500,000\tvisits\n4%\t%");
    priya.goes_to_cell("sessions", 2).await;
    priya.pastes(&copied).await;
    priya
        .sees_in("#main", "0 changed, 4 unchanged, 0 refused")
        .await;
    priya.presses("Cancel").await;
    priya.sees_in("h1", "Params").await;
}

impl Person {
    async fn is_offered_undo(&self) {
        let script = "return document.querySelector('#notices form')?.getAttribute('action') ?? ''";
        let action = self.asks_page(script).await;
        let action = action.as_str().unwrap_or_default();
        assert!(
            action.starts_with("/changes/") && action.ends_with("/undo"),
            "{action}"
        );
    }
}

#[tokio::test]
async fn rows_are_chosen_with_space_and_decided_on_together() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/initiatives/INIT-1").await;
    priya.fills("sessions", "500").await;
    priya.goes_to_cell("sessions", 2).await;
    priya
        .strikes(&[' ', Key::Down.into(), ' '])
        .await
        .expect("keys");
    priya.sees_in("#bulk", "2 rows chosen").await;
    priya.presses_in("#bulk", "Approve").await;
    priya
        .sees_in("#notices", "1 param approved. 1 param left out")
        .await;
    priya.sees_in("#notices", "has no value yet").await;
    let row = priya.row_of("sessions").await;
    priya.sees_in(&row, "Approved").await;

    let viewer = app.signs_in(Role::Viewer).await;
    viewer.opens("/params").await;
    viewer.goes_to_cell("sessions", 2).await;
    let is_chosen = viewer
        .asks_page("return document.querySelectorAll('.pick').length")
        .await;
    assert_eq!(is_chosen, json!(0));
}

/// 200 rows of label, value, unit, range, source and evidence, ten cells of which can't be taken.
fn large_block() -> String {
    let bad = |row: usize, column: usize| match (row, column) {
        (10 | 30 | 50, 1) => Some("many"),
        (70, 1) => Some("1,5"),
        (90, 3) => Some("5 to 1"),
        (110 | 130, 4) => Some("Bob"),
        (150 | 170 | 190, 5) => Some("page 4 of the deck"),
        _ => None,
    };
    let row = |row: usize| {
        let fine = [
            format!("Label {row}"),
            row.to_string(),
            "visits".to_owned(),
            "0 to 1,000".to_owned(),
            "Eng".to_owned(),
            format!("https://example.com/{row}"),
        ];
        let cells = fine.into_iter().enumerate();
        let cells = cells.map(|(column, cell)| bad(row, column).map_or(cell, str::to_owned));
        cells.collect::<Vec<_>>().join("\t")
    };
    (1..=200).map(row).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn of_two_hundred_rows_by_six_exactly_the_ten_bad_cells_are_refused_and_all_is_taken_back() {
    let app = App::start().await;
    let priya = app.with_approved_formula("INIT-1", "value = p001").await;
    app.sql(
        "insert into params (initiative_id, framework_id, name, position, is_auto_seeded, created_at, updated_at, updated_by)
         select p.initiative_id, p.framework_id, 'p' || lpad(n::text, 3, '0'), n, false, now(), now(), 1
         from params p, generate_series(2, 200) n",
    )
    .await;
    priya.opens("/params").await;
    priya.goes_to_cell("p001", 1).await;
    priya.pastes(&large_block()).await;
    priya.sees_in("#main", "190 changed").await;
    priya.sees_in("#main", "10 refused").await;
    let refused = "return [...document.querySelectorAll('.pasted .refused')].map((cell) => {
        const row = [...cell.closest('tbody').rows].indexOf(cell.closest('tr')) + 1;
        return `${row}/${cell.closest('td').cellIndex}`; }).join(' ')";
    let refused = priya.asks_page(refused).await;
    assert_eq!(
        refused,
        json!("10/2 30/2 50/2 70/2 90/4 110/5 130/5 150/6 170/6 190/6"),
        "row and column of each"
    );
    priya.presses("Apply").await;
    priya
        .sees_in("#notices", "into 200 rows. 10 refused.")
        .await;
    let empty = "return document.querySelectorAll('.many td.num .invite').length";
    assert_eq!(priya.asks_page(empty).await, json!(4));
    priya.presses_in("#notices", "Undo").await;
    priya
        .until_within(Duration::from_mins(1), "all taken back", async || {
            let said = "return document.getElementById('notices').innerText";
            match priya.run(said, vec![]).await?.as_str() {
                Some(text) if text.contains("Undone") => Ok(()),
                other => Err(format!("it says {other:?}")),
            }
        })
        .await;
    priya.opens("/params").await;
    priya.row_of("p200").await;
    assert_eq!(priya.asks_page(empty).await, json!(200));
    let left = "return document.querySelector('.many').innerText.match(/visits|example\\.com|Label 1/g)?.length ?? 0";
    assert_eq!(priya.asks_page(left).await, json!(0));
}
