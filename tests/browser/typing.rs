//! Typing in the grid as fast as fingers do, over networks of any speed: each number lands in its own cell or nowhere,
//! and what isn't taken is said.

use crate::{app::App, live::goes, person::Person};
use fantoccini::key::Key;
use productops::domain::rights::Role;
use serde_json::json;

const COLUMN: &str = "return [...document.querySelectorAll('.many tr[id]')].map((row) => row.cells[1].querySelector('.field')?.firstChild.textContent.trim() ?? 'open').join()";

/// Keys in the order of their names here: `⏎` Enter, `⇥` Tab, `↓` and `↑`, `⎋` Escape, `⌃` Control until the next but one.
fn keys(text: &str) -> Vec<char> {
    let key = |c| match c {
        '⏎' => Key::Enter.into(),
        '⇥' => Key::Tab.into(),
        '↓' => Key::Down.into(),
        '↑' => Key::Up.into(),
        '⎋' => Key::Escape.into(),
        '⌃' => Key::Control.into(),
        '⌄' => Key::Null.into(),
        c => c,
    };
    text.chars().map(key).collect()
}

impl Person {
    async fn hits(&self, text: &str) {
        self.strikes(&keys(text)).await.expect("keys");
    }

    async fn focuses(&self, row: usize, column: usize) {
        let script = format!(
            "document.querySelectorAll('.many tr[id]')[{row}].cells[{column}].querySelector('.field').focus()"
        );
        self.asks_page(&script).await;
    }

    async fn waits_for(&self, script: &str, wanted: &str) {
        self.until(&format!("{wanted} by {script}"), async || {
            self.is_calm().await?;
            match self.run(script, vec![]).await? {
                found if found == json!(wanted) => Ok(()),
                found => Err(found.to_string()),
            }
        })
        .await;
    }

    /// Every answer takes so many milliseconds more.
    async fn has_latency(&self, latency: u32) {
        self.tells_browser("Network.enable", json!({})).await;
        let slow = json!({ "offline": false, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.tells_browser("Network.emulateNetworkConditions", slow)
            .await;
    }
}

/// Four rows called alpha, beta, delta and gamma, and a share called margin.
async fn grid(latency: u32) -> (App, Person) {
    let app = App::start().await;
    let formula = "value = alpha * beta * gamma * margin * omega";
    let priya = app.with_approved_formula("INIT-1", formula).await;
    priya.opens("/params?initiative=INIT-1").await;
    priya.has_latency(latency).await;
    (app, priya)
}

#[tokio::test]
async fn ctrl_z_pressed_at_once_takes_back_what_was_typed_last() {
    for latency in [0, 150] {
        let (_app, priya) = grid(latency).await;
        priya.focuses(0, 1).await;
        priya.hits("11⏎22⏎33⏎⌃z").await;
        priya
            .waits_for(COLUMN, "11,22,Add a value,Add a value,Add a value")
            .await;
        priya.hits("⌃y").await;
        priya
            .waits_for(COLUMN, "11,22,33,Add a value,Add a value")
            .await;
    }
}

#[tokio::test]
async fn what_is_refused_stays_open_and_takes_nothing_that_was_meant_for_another_cell() {
    for latency in [0, 150] {
        let (_app, priya) = grid(latency).await;
        // margin is a share, so that 4 asks
        priya.focuses(3, 1).await;
        priya.hits("4⏎157⏎").await;
        priya.sees_in("form.edit .error", "Did you mean 4 %").await;
        priya
            .waits_for(COLUMN, "Add a value,Add a value,Add a value,open,157")
            .await;
        priya.still_has_typed("4").await;
        priya.hits("↑").await;
        priya.presses_in("form.edit", "Use 4%").await;
        priya
            .waits_for(COLUMN, "Add a value,Add a value,Add a value,4 %,157")
            .await;
    }
}

#[tokio::test]
async fn an_arrow_ends_what_is_typed_over_and_f2_lets_it_move_within() {
    let (_app, priya) = grid(100).await;
    priya.focuses(0, 1).await;
    priya.hits("11↓22↓33⏎").await;
    priya
        .waits_for(COLUMN, "11,22,33,Add a value,Add a value")
        .await;
    priya.focuses(0, 1).await;
    priya
        .strikes(&[
            Key::F2.into(),
            '7',
            Key::Left.into(),
            '5',
            Key::Enter.into(),
        ])
        .await
        .expect("keys");
    priya
        .waits_for(COLUMN, "1,157,22,33,Add a value,Add a value")
        .await;
}

#[tokio::test]
async fn typing_on_past_the_last_row_changes_nothing_and_is_said() {
    for latency in [0, 150] {
        let (_app, priya) = grid(latency).await;
        priya.focuses(3, 1).await;
        priya.hits("11%⏎22⏎33⏎44⏎").await;
        priya.sees("That was the last cell").await;
        priya
            .waits_for(COLUMN, "Add a value,Add a value,Add a value,11 %,22")
            .await;
    }
}

#[tokio::test]
async fn any_letter_opens_a_cell_so_that_nothing_of_what_is_typed_is_left_out() {
    let (_app, priya) = grid(0).await;
    priya.focuses(0, 1).await;
    priya.hits("tbd⏎33⏎").await;
    priya.sees_in("form.edit .error", "tbd").await;
    priya
        .waits_for(COLUMN, "open,33,Add a value,Add a value,Add a value")
        .await;
    let (_app, priya) = grid(0).await;
    priya.focuses(0, 2).await;
    priya.hits("£⏎").await;
    priya.sees_in(".many tr[id] > :nth-child(3)", "£").await;
    priya.focuses(0, 1).await;
    priya.hits("EUR 500⏎").await;
    priya.sees_in("form.edit .error", "£").await;
}

#[tokio::test]
async fn digits_on_a_range_change_its_lower_end_and_tab_leads_to_the_upper() {
    let (_app, priya) = grid(100).await;
    priya.focuses(0, 3).await;
    priya.hits("5⇥9⏎").await;
    let range = "return document.querySelector('.many tr[id]').cells[3].textContent.trim()";
    priya.waits_for(range, "5 to 9").await;
    priya.focuses(0, 3).await;
    priya.hits("7⏎").await;
    priya.waits_for(range, "7 to 9").await;
}

#[tokio::test]
async fn escape_closes_a_cell_at_once_and_what_follows_is_typed_anew() {
    for latency in [0, 150] {
        let (_app, priya) = grid(latency).await;
        priya.focuses(0, 1).await;
        priya.hits("22⎋33⏎5⎋↓44⏎").await;
        priya
            .waits_for(COLUMN, "33,Add a value,44,Add a value,Add a value")
            .await;
    }
}

#[tokio::test]
async fn a_source_is_found_by_its_first_letters() {
    let (_app, priya) = grid(150).await;
    priya.focuses(0, 4).await;
    priya.hits("fin⏎eng⏎").await;
    let sources = "return [...document.querySelectorAll('.many tr[id]')].slice(0, 2).map((row) => row.cells[4].textContent.trim()).join()";
    priya.waits_for(sources, "Finance,Eng").await;
}

#[tokio::test]
async fn approving_at_once_approves_what_was_typed_last_and_nothing_that_was_refused() {
    let (_app, priya) = grid(150).await;
    priya.focuses(0, 1).await;
    priya.hits("11⏎22⏎33⏎4%⏎5⏎⌃a⏎").await;
    priya.sees_in("#notices", "5 params approved").await;
    priya.focuses(3, 1).await;
    // Within the open cell: saved, then approved.
    priya.hits("6%⌃⏎").await;
    let states = "return [...document.querySelectorAll('.many tr[id] .state .badge')].map((badge) => badge.textContent.trim()).join()";
    priya
        .waits_for(states, "Approved,Approved,Approved,Approved,Approved")
        .await;
    priya.waits_for(COLUMN, "11,22,33,6 %,5").await;
    priya.hits("7⌃⏎").await;
    priya.sees_in("form.edit .error", "Did you mean 7 %").await;
    priya.sees("Nothing was approved").await;
}

#[tokio::test]
async fn typing_over_a_page_that_is_behind_overwrites_nobody() {
    let (app, priya) = grid(0).await;
    let anders = app.signs_in(Role::Analytics).await;
    priya
        .tells_browser("Network.setBlockedURLs", json!({ "urls": ["*/live*"] }))
        .await;
    priya.reloads().await;
    anders.opens("/params").await;
    anders.fills("alpha", "777").await;
    priya.focuses(0, 1).await;
    priya.hits("55⏎").await;
    priya.sees("saved this while you were editing").await;
    priya.presses_in("form.edit", "Keep theirs").await;
    priya
        .waits_for(
            COLUMN,
            "777,Add a value,Add a value,Add a value,Add a value",
        )
        .await;
    // What they keep they have seen: the next number is theirs to save.
    priya.focuses(0, 1).await;
    priya.hits("56⏎").await;
    priya
        .waits_for(COLUMN, "56,Add a value,Add a value,Add a value,Add a value")
        .await;
}

#[tokio::test]
async fn what_is_typed_down_a_column_without_a_connection_is_sent_when_there_is_one() {
    let (_app, priya) = grid(0).await;
    priya.focuses(0, 1).await;
    goes(&priya, true).await;
    priya.hits("201⏎202⏎").await;
    priya.sees_in("form.edit", "Not saved").await;
    goes(&priya, false).await;
    priya
        .waits_for(COLUMN, "201,202,Add a value,Add a value,Add a value")
        .await;
}

#[tokio::test]
async fn value_unit_and_range_of_a_row_are_typed_across_without_waiting() {
    for latency in [0, 150] {
        let (_app, priya) = grid(latency).await;
        priya.focuses(0, 1).await;
        priya.hits("12⇥visits⇥5⇥90⏎").await;
        let row = "return [1, 2, 3].map((at) => document.querySelector('.many tr[id]').cells[at].textContent.trim()).join()";
        priya.waits_for(row, "12,visits,5 to 90").await;
        // Another number over the one that is still under way.
        priya.focuses(1, 1).await;
        priya.hits("1⏎↑2⏎").await;
        priya
            .waits_for(COLUMN, "12,2,Add a value,Add a value,Add a value")
            .await;
    }
}

#[tokio::test]
async fn one_cell_pasted_over_many_fills_them_and_delete_takes_many_values_out() {
    let (_app, priya) = grid(0).await;
    priya.focuses(0, 1).await;
    let shift = char::from(Key::Shift);
    priya
        .strikes(&[shift, Key::Down.into(), Key::Down.into()])
        .await
        .expect("keys");
    let paste = "const data = new DataTransfer(); data.setData('text/plain', '42');
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))";
    priya.asks_page(paste).await;
    priya.sees_in("#main", "3 changed").await;
    priya.presses("Apply 3 cells").await;
    priya
        .waits_for(COLUMN, "42,42,42,Add a value,Add a value")
        .await;
    priya.focuses(0, 1).await;
    priya
        .strikes(&[shift, Key::Down.into()])
        .await
        .expect("keys");
    priya.strikes(&[Key::Delete.into()]).await.expect("a key");
    priya.sees_in("#main", "2 changed").await;
    priya.presses("Apply 2 cells").await;
    priya
        .waits_for(COLUMN, "Add a value,Add a value,42,Add a value,Add a value")
        .await;
}

#[tokio::test]
async fn whoever_writes_decimals_with_a_comma_types_finds_and_copies_them_so() {
    let (_app, priya) = grid(0).await;
    priya.opens("/decimal-separator").await;
    priya.clicks("#separator-comma").await;
    priya.presses_in("#decimal-separator", "Save").await;
    priya
        .sees_in("#notices", "From now on you write numbers like 1.200,50")
        .await;
    priya.opens("/params?initiative=INIT-1").await;
    priya.focuses(0, 1).await;
    priya.hits("1.200,5⏎1,234⏎7,5⏎").await;
    priya
        .sees_in("form.edit .error", "Did you mean 1.234?")
        .await;
    priya
        .waits_for(COLUMN, "1,200.5,open,7.5,Add a value,Add a value")
        .await;
    priya.focuses(0, 1).await;
    let copies = "const data = new DataTransfer();
        document.activeElement.dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
        return data.getData('text/plain')";
    assert_eq!(priya.asks_page(copies).await, json!("1.200,5"));
    priya.strikes(&[Key::F2.into()]).await.expect("a key");
    let typed = "return document.activeElement.value";
    assert_eq!(priya.asks_page(typed).await, json!("1200,5"));
}

#[tokio::test]
async fn a_cell_that_one_may_not_change_says_so_and_the_next_line_goes_on_below_it() {
    let (app, priya) = grid(0).await;
    app.sql(
        "insert into facts (name, value, source, value_set_by, value_set_at, created_at, updated_at, updated_by)
         values ('Shared', 5, 'Finance', 1, now(), now(), now(), 1)",
    )
    .await;
    app.sql(
        "update params set fact_id = (select max(id) from facts), value = 5, source = 'Finance'
         where name = 'beta'",
    )
    .await;
    priya.reloads().await;
    priya.focuses(0, 1).await;
    priya.hits("11⏎22⏎33⏎").await;
    priya.sees("Not taken").await;
    let typed = "return [0, 2].map((at) => document.querySelectorAll('.many tr[id]')[at].cells[1].textContent.trim()).join()";
    priya.waits_for(typed, "11,33").await;
}
