//! Others' changes without a reload, and a connection that goes in the middle. Nothing typed is lost.

use crate::{app::App, person::Person};
use productops::domain::rights::Role;
use serde_json::json;

/// Takes the browser's connection away, or gives it back.
pub(crate) async fn goes(person: &Person, offline: bool) {
    person.tells_browser("Network.enable", json!({})).await;
    let params = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    person
        .tells_browser("Network.emulateNetworkConditions", params)
        .await;
}

/// Has their page hear nothing of others from the next load on, so that it can be stale.
pub(crate) async fn turns_deaf(person: &Person) {
    person.tells_browser("Network.enable", json!({})).await;
    person
        .tells_browser("Network.setBlockedURLs", json!({ "urls": ["*/live?*"] }))
        .await;
    person.reloads().await;
}

#[tokio::test]
async fn what_somebody_else_saves_appears_beside_what_one_types_and_neither_is_lost() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/params?initiative=INIT-1").await;
    priya.edits("sessions").await;
    priya.types("500").await;
    let margin = priya.row_of("margin").await;

    // Another value: it appears, and she goes on typing.
    anders.fills("margin", "0.25").await;
    priya
        .sees_in(&format!("{margin} td:nth-child(2)"), "0.25")
        .await;
    priya.still_has_typed("500").await;
    priya.sees("1 value changed by Anders Holm").await;

    // The same value: she is told, and keeps hers until she has chosen.
    anders.fills("sessions", "400").await;
    priya
        .sees_in("form.edit .meanwhile", "Anders Holm changed this to 400")
        .await;
    priya.still_has_typed("500").await;
    priya.enter().await;
    priya.sees_in(".conflict", "Theirs 400").await;
    priya.presses_in("form.edit", "Save mine anyway").await;
    priya.sees_closed("sessions").await;

    // And he sees hers, in the grid.
    let row = anders.row_of("sessions").await;
    anders
        .sees_in(&format!("{row} td:nth-child(2)"), "500")
        .await;
}

#[tokio::test]
async fn a_tab_that_does_not_hold_the_stream_hears_of_changes_too() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let first = priya.follows_into_a_new_tab("Backlog").await;
    priya.opens("/params?initiative=INIT-1").await;
    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/params?initiative=INIT-1").await;
    anders.fills("sessions", "400").await;
    let row = priya.row_of("sessions").await;
    priya
        .sees_in(&format!("{row} td:nth-child(2)"), "400")
        .await;

    // The other one has heard it meanwhile.
    priya.goes_back_to(first).await;
    priya
        .sees_in(&format!("{row} td:nth-child(2)"), "400")
        .await;
}

#[tokio::test]
async fn a_save_without_a_connection_is_kept_and_sent_once_when_there_is_one_again() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    priya.edits("sessions").await;
    priya.types("400").await;
    goes(&priya, true).await;
    priya.sees_in(".offline", "You are offline").await;
    priya.enter().await;
    priya.sees_in("form.edit", "Not saved").await;
    priya.still_has_typed("400").await;

    goes(&priya, false).await;
    priya.sees_closed("sessions").await;
    let row = priya.row_of("sessions").await;
    priya
        .sees_in(&format!("{row} td:nth-child(2)"), "400")
        .await;
    priya.sees_no("You are offline").await;
    priya.opens("/initiatives/INIT-1/history").await;
    let saves = priya
        .asks_page("return document.body.innerText.split('sessions').length - 1 && [...document.querySelectorAll('main li, main tr')].filter((line) => line.innerText.includes('400')).length")
        .await;
    assert_eq!(saves, json!(1), "saved once");
}

#[tokio::test]
async fn people_see_who_else_is_on_an_initiative_what_they_edit_and_that_they_leave() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/params?initiative=INIT-1").await;
    priya.sees_in(".present summary", "AH").await;
    anders.sees_in(".present summary", "PN").await;
    // By keyboard and screen reader too: it is a disclosure that says names.
    priya.clicks(".present summary").await;
    priya.sees_in(".present .menu", "Anders Holm").await;
    priya.clicks(".present summary").await;

    // The field that he opens is marked where she sees it; when she opens it too, both are told in words.
    anders.edits("sessions").await;
    let row = priya.row_of("sessions").await;
    let marked = format!("{row} a.field[data-held='AH']");
    priya
        .until("the mark of whoever edits", async || {
            let says =
                format!("return document.querySelector(\"{marked}\")?.ariaDescription ?? ''");
            match priya.run(&says, vec![]).await? {
                says if says == json!("Anders Holm is editing this") => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .await;
    priya.edits("sessions").await;
    priya
        .sees_in("form.edit .held", "Anders Holm is editing this too")
        .await;
    anders
        .sees_in("form.edit .held", "Priya Nair is editing this too")
        .await;
    priya.types("500").await;
    priya.still_has_typed("500").await;
    anders.escape().await;
    anders.opens("/backlog").await;
    priya.until("nobody else", async || {
        let says = "return [document.querySelector('.present').hidden, !document.querySelector('.held')].join()";
        match priya.run(says, vec![]).await? {
            says if says == json!("true,true") => Ok(()),
            other => Err(other.to_string()),
        }
    })
    .await;
    priya.still_has_typed("500").await;
}

#[tokio::test]
async fn rows_that_others_add_are_offered_and_move_nothing_until_they_are_asked_for() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    let anders = app.signs_in(Role::Analytics).await;
    let ada = app.signs_in(Role::Admin).await;
    ada.sees_in("#initiative-INIT-1", "Checkout").await;
    anders.opens("/params").await;
    anders.edits("sessions").await;
    anders.types("400").await;

    priya.opens("/initiatives/INIT-1").await;
    priya
        .writes_formula("value = sessions * margin * orders")
        .await;
    priya.presses("Save").await;
    priya.presses("Approve formula").await;
    anders.sees_in(".news", "1 new row").await;
    assert_eq!(anders.params().await, ["sessions", "margin"], "not moved");
    anders.still_has_typed("400").await;
    anders.enter().await;
    anders.sees_closed("sessions").await;
    anders.presses_in(".news", "1 new row").await;
    anders.row_of("orders").await;
    anders.sees_no("1 new row").await;

    priya.opens("/initiatives/new").await;
    priya.enters("Title", "Another").await;
    priya.presses("Create initiative").await;
    ada.presses_in(".news", "1 new row").await;
    ada.sees_in(".backlog", "Another").await;
}

#[tokio::test]
async fn offline_in_the_middle_of_an_edit_and_on_again_catches_up_with_others_and_saves_once() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/initiatives/INIT-1").await;
    priya.edits("sessions").await;
    priya.types("500").await;
    goes(&priya, true).await;
    priya.sees_in(".offline", "You are offline").await;

    // Meanwhile another changes another value, and the very one that she types.
    anders.fills("margin", "0.25").await;
    anders.fills("sessions", "400").await;
    priya.enter().await;
    priya.sees_in("form.edit", "Not saved").await;
    priya.still_has_typed("500").await;
    let margin = priya.row_of("margin").await;
    let shown = priya
        .asks_page(&format!(
            "return document.querySelector('{margin}').innerText"
        ))
        .await;
    assert!(
        !shown.to_string().contains("0.25"),
        "the stream was cut: {shown}"
    );

    // Sent by itself, once, and met by his: she sees both and loses neither.
    goes(&priya, false).await;
    priya.sees_in(".conflict", "Theirs 400").await;
    priya.sees_in(".conflict", "Yours 500").await;
    priya.sees_no("couldn’t be reached").await;
    priya
        .sees_in(&format!("{margin} td:nth-child(2)"), "0.25")
        .await;
    priya.presses_in("form.edit", "Save mine anyway").await;
    priya.sees_closed("sessions").await;
    let row = anders.row_of("sessions").await;
    anders
        .sees_in(&format!("{row} td:nth-child(2)"), "500")
        .await;
    priya.opens("/params/1/history?field=value").await;
    let saved = priya.asks_page("return [...document.querySelectorAll('main .history li')].filter((line) => line.innerText.includes('500')).length").await;
    assert_eq!(saved, json!(1), "saved once");
}

#[tokio::test]
async fn what_others_say_appears_while_one_writes_and_what_one_writes_stays() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    let anders = app.signs_in(Role::Analytics).await;
    priya.opens("/initiatives/INIT-1").await;
    priya.enters("Say something", "Half a sent").await;
    anders.opens("/initiatives/INIT-1").await;
    anders.enters("Say something", "Which month?").await;
    anders.presses("Comment").await;
    priya.sees_in("#said", "Which month?").await;
    let written = "document.getElementById('comment-text').value";
    let written = priya.asks_page(&format!("return {written};")).await;
    assert_eq!(written, json!("Half a sent"));
    priya.types("ence").await;
    priya.presses("Comment").await;
    anders.sees_in("#said", "Half a sentence").await;
    anders.presses("Take back").await;
    priya.sees_in("#said", "Taken back by its author").await;
}

#[tokio::test]
async fn the_open_queue_follows_what_waits_for_whoever_looks() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    let fiona = app.signs_in(Role::Finance).await;
    fiona.opens("/queue").await;
    fiona.sees_in("#waiting", "Fill in Margin").await;
    fiona.sees_in("#bar-queue", "1").await;
    priya.opens("/params?initiative=INIT-1").await;
    priya.fills("margin", "30%").await;
    fiona
        .sees_in("#waiting", "Look at Margin and approve it")
        .await;
    priya.opens("/initiatives/INIT-1").await;
    priya.enters("Say something", "@Fiona, net?").await;
    priya.presses("Comment").await;
    fiona.sees_in("#waiting", "@Fiona, net?").await;
}
