//! A session that ends in the middle of an edit: what was typed survives, also a reload, and is saved once.

use crate::app::App;

#[tokio::test]
async fn after_signing_in_elsewhere_one_press_sends_the_same_form_again() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    priya.edits("sessions").await;
    priya.types("400").await;
    app.sql("delete from sessions").await;
    priya.enter().await;
    priya.sees_in("#notices", "You are signed out").await;
    let tab = priya.follows_into_a_new_tab("Sign in again").await;
    priya.presses("Priya Nair").await;
    priya.sees_in("h1", "Checkout conversion value").await;
    priya.goes_back_to(tab).await;
    priya.still_has_typed("400").await;
    priya.presses_in("#notices", "Send again").await;
    priya.sees_closed("sessions").await;
    let row = priya.row_of("sessions").await;
    priya
        .sees_in(&format!("{row} td:nth-child(2)"), "400")
        .await;
    priya.opens("/initiatives/INIT-1/history").await;
    priya.sees_in(".history", "set the value").await;
    let saved = "return [...document.querySelectorAll('.history li')].filter((li) => li.innerText.includes('set the value')).length";
    assert_eq!(priya.asks_page(saved).await, 1);
}

#[tokio::test]
async fn what_was_typed_survives_a_reload_and_is_never_put_in_unasked() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    priya.writes_formula("value = sessions * 3").await;
    app.sql("delete from sessions").await;
    priya.presses_in("form.write", "Save").await;
    priya.sees_in("#notices", "You are signed out").await;
    let tab = priya.follows_into_a_new_tab("Sign in again").await;
    priya.presses("Priya Nair").await;
    priya.sees_in("h1", "Checkout conversion value").await;
    priya.goes_back_to(tab).await;
    priya.reloads().await;

    priya.sees_in("form.write .kept", "sessions * 3").await;
    let text = "return document.querySelector('form.write textarea').value";
    assert_eq!(priya.asks_page(text).await, "value = sessions * 2");
    priya.presses_in("form.write .kept", "Use it").await;
    assert_eq!(priya.asks_page(text).await, "value = sessions * 3");
    priya.presses_in("form.write", "Save").await;
    priya.sees("Approve version 2").await;
    priya.reloads().await;
    priya.sees("Approve version 2").await;
    let offered = "return document.querySelectorAll('.kept').length";
    assert_eq!(priya.asks_page(offered).await, 0);
}

#[tokio::test]
async fn a_closed_cell_s_text_is_led_to_after_a_reload() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    priya.edits("sessions").await;
    priya.types("412").await;
    priya.reloads().await;
    priya.sees_in("#notices", "412").await;
    priya.presses_in("#notices", "Open it").await;
    priya.presses_in("form.edit .kept", "Use it").await;
    priya.still_has_typed("412").await;
    priya.presses_in("form.edit", "Save").await;
    priya.sees_closed("sessions").await;
    priya.reloads().await;
    priya.sees_in("h1", "Checkout conversion value").await;
    priya.is_not_offered("#notices", "Open it").await;
}
