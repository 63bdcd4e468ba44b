//! Undo and redo by keys, in the grid and on an initiative's page.

use crate::{app::App, person::Person};
use fantoccini::key::Key;

impl Person {
    /// Presses Z with Ctrl, and with Shift for redo, outside of any text.
    async fn presses_undo(&self, redo: bool) {
        let leave = "document.activeElement.blur()";
        self.run(leave, vec![]).await.expect("no text");
        let mut keys = vec![Key::Control.into()];
        if redo {
            keys.push(Key::Shift.into());
        }
        keys.push('z');
        self.strikes(&keys).await.expect("keys");
    }
}

#[tokio::test]
async fn ctrl_z_takes_the_last_edit_back_and_with_shift_it_is_done_again() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    for page in ["/initiatives/INIT-1", "/params"] {
        priya.opens(page).await;
        priya.fills("sessions", "400").await;
        priya.fills("sessions", "500").await;
        let row = priya.row_of("sessions").await;
        priya.presses_undo(false).await;
        priya.sees("Undone. You changed the value of").await;
        priya.sees_in(&row, "400").await;
        priya.presses_undo(true).await;
        priya.sees("Done again. You changed the value of").await;
        priya.sees_in(&row, "500").await;
        priya.presses_in("#notices", "Undo").await;
        priya.sees_in(&row, "400").await;
    }
}

#[tokio::test]
async fn a_saved_formula_offers_undo_beside_it_and_on_a_models_own_page_keys_take_it_back() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    priya.writes_formula("value = sessions * 3").await;
    priya.presses("Save").await;
    priya.sees_in("#notices", "You saved version 2").await;
    priya.presses_in("#notices", "Undo").await;
    priya.sees("Undone. You went back to").await;
    priya.sees_in("#journey", "approved").await;

    priya.opens("/math-models/1").await;
    priya.writes_formula("value = sessions * 4").await;
    priya.presses("Save").await;
    priya.sees_in("#notices", "You saved version").await;
    priya.presses_undo(false).await;
    priya.sees("Undone.").await;
    let formula = "return document.querySelector('textarea[name=formula]').value";
    priya
        .until("the formula from before", async || {
            match priya.run(formula, vec![]).await? {
                text if text == serde_json::json!("value = sessions * 2") => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .await;
}

#[tokio::test]
async fn undo_and_redo_by_keys_leave_the_cursor_in_its_cell() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params").await;
    priya.fills("sessions", "400").await;
    priya.fills("sessions", "500").await;
    let cell = "return document.querySelector('tr[id^=param-] a[href$=\"/fields/value/edit\"]')";
    priya
        .run(
            &cell.replace("return ", "").replace("')", "').focus()"),
            vec![],
        )
        .await
        .expect("a cell");
    let at = "return document.activeElement.getAttribute('href')";
    let before = priya.run(at, vec![]).await.expect("an address");
    assert!(
        before
            .as_str()
            .is_some_and(|at| at.ends_with("/fields/value/edit")),
        "{before}"
    );
    let row = priya.row_of("sessions").await;
    for (keys, says, shows) in [
        (vec![Key::Control.into(), 'z'], "Undone.", "400"),
        (vec![Key::Control.into(), 'y'], "Done again.", "500"),
        (vec![Key::Control.into(), 'z'], "Undone.", "400"),
    ] {
        priya.strikes(&keys).await.expect("keys");
        priya.sees(says).await;
        priya.sees_in(&row, shows).await;
        priya
            .until("the cursor where it was", async || {
                match priya.run(at, vec![]).await? {
                    now if now == before => Ok(()),
                    other => Err(other.to_string()),
                }
            })
            .await;
    }
}
