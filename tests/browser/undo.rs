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
    for (page, before, after) in [
        ("/initiatives/INIT-1", "400", "500"),
        ("/params", "600", "700"),
    ] {
        priya.opens(page).await;
        priya.fills("sessions", before).await;
        priya.fills("sessions", after).await;
        let row = priya.row_of("sessions").await;
        priya.presses_undo(false).await;
        priya.sees("Undone. You changed the value of").await;
        priya.sees_in(&row, before).await;
        priya.presses_undo(true).await;
        priya.sees("Done again. You changed the value of").await;
        priya.sees_in(&row, after).await;
        priya.presses_in("#notices", "Undo").await;
        priya.sees_in(&row, before).await;
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
async fn rows_that_left_the_list_with_a_bulk_act_come_back_by_keys() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params").await;
    priya.fills("sessions", "400").await;
    priya.fills("margin", "0.3").await;
    priya.opens("/params?state=needs_approval").await;
    let choose = "document.querySelectorAll('tr[id^=param-] input[type=checkbox]').forEach((box) => box.click())";
    priya.run(choose, vec![]).await.expect("chosen rows");
    priya.presses_in("#bulk", "Approve").await;
    priya.sees("2 params approved").await;
    priya.sees_no("400").await;
    priya.presses_undo(false).await;
    priya.sees("Undone. You withdrew the approval of").await;
    let row = priya.row_of("sessions").await;
    priya.sees_in(&row, "400").await;
    priya
        .strikes(&[Key::Control.into(), 'y'])
        .await
        .expect("keys");
    priya.sees("Done again.").await;
    priya.sees("No params match").await;
}

#[tokio::test]
async fn what_was_put_back_goes_by_keys_and_the_cursor_stays_with_the_history() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    priya.opens("/params").await;
    priya.fills("sessions", "400").await;
    priya.fills("sessions", "500").await;
    priya.opens("/params/1/history?field=value").await;
    priya.presses("Put back 400").await;
    priya.sees_in("#notices", "from 500 to 400").await;
    priya.has_the_cursor_in("changes").await;
    priya.presses_undo(false).await;
    priya.sees("Undone. You changed the value of").await;
    priya.sees("Put back 400").await;
}

#[tokio::test]
async fn being_done_with_a_comment_is_said_and_the_cursor_stays_in_the_queue() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    app.sql(
        "with said as (
           insert into comments (initiative_id, entity, entity_id, subject, body, author_id, at)
           select i.id, 'initiative', i.id, i.title, 'Is it right?', 1, now() from initiatives i returning id)
         insert into comment_mentions (comment_id, user_id)
         select said.id, u.id from said, users u where u.email = 'priya@example.com'",
    )
    .await;
    priya.opens("/queue").await;
    priya.clicks(".waits form button").await;
    priya.sees_in("#notices", "no longer waits for you").await;
    priya.has_the_cursor_in("waiting").await;
}

impl Person {
    /// Waits until the cursor is in the element of that id, or on something inside.
    pub(crate) async fn has_the_cursor_in(&self, id: &str) {
        let inside = format!("return !!document.activeElement.closest('#{id}')");
        self.until("the cursor's place", async || {
            match self.run(&inside, vec![]).await? {
                serde_json::Value::Bool(true) => Ok(()),
                _ => Err(format!("it isn't in {id}")),
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_long_undo_says_that_it_is_under_way_on_its_button() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    priya.opens("/params").await;
    priya.fills("sessions", "400").await;
    priya.fills("sessions", "500").await;
    priya.opens("/params").await;
    app.sql(
        "create function hold() returns trigger language plpgsql as
         $$ begin perform pg_sleep(2); return new; end $$",
    )
    .await;
    app.sql("create trigger hold before insert on undos for each row execute function hold()")
        .await;
    priya.clicks("#undo button").await;
    let says = "const button = document.querySelector('.take-back.htmx-request[aria-busy=true] button:disabled');
        return button ? getComputedStyle(button, '::after').content : ''";
    priya
        .until("the button to say so", async || {
            match priya.run(says, vec![]).await? {
                serde_json::Value::String(text) if text.contains("working") => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .await;
    priya.sees("Undone.").await;
    let busy = "return document.querySelectorAll('[aria-busy]').length";
    assert_eq!(priya.run(busy, vec![]).await, Ok(serde_json::json!(0)));
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
