//! The grid as a sheet: cells are pasted with Ctrl-V, looked at, applied, and copied out again.

use crate::{app::App, person::Person};
use fantoccini::key::Key;
use productops::domain::rights::Role;
use serde_json::json;

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
