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
