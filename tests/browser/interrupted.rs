//! What breaks in the middle: a session that ends, an app that is restarted. Nothing typed is lost.

use crate::app::App;

#[tokio::test]
async fn a_session_that_ends_in_the_middle_loses_nothing_that_was_typed() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    priya.edits("sessions").await;
    priya.types("400").await;
    app.sql("delete from sessions").await;

    priya.enter().await;
    priya.sees_in("#notices", "You are signed out").await;
    priya.still_has_typed("400").await;

    // She signs in again in another tab, and sends the same form.
    let tab = priya.follows_into_a_new_tab("Sign in again").await;
    priya.presses("Priya Nair").await;
    priya.sees_in("h1", "Checkout conversion value").await;
    priya.goes_back_to(tab).await;
    priya.still_has_typed("400").await;
    priya.presses_in("form.edit", "Save").await;
    priya.sees_closed("sessions").await;
    priya
        .sees_in(
            &format!("{} td:nth-child(2)", priya.row_of("sessions").await),
            "400",
        )
        .await;
}

#[tokio::test]
async fn a_restart_of_the_app_is_only_a_pause() {
    let (app, program) = App::start_program().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    priya.edits("sessions").await;
    priya.types("400").await;

    let stopped = program.stop();
    priya.enter().await;
    priya.sees_in("form.edit", "Not saved").await;
    priya.sees_in("#notices", "couldn’t be reached").await;
    priya.still_has_typed("400").await;

    // The same page, the same session: it goes on where it was.
    let _program = app.start_again(&stopped);
    priya.presses_in("form.edit", "Save").await;
    priya.sees_closed("sessions").await;
    priya.sees_in("#notices", "saved").await;
    priya.sees_no("couldn’t be reached").await;
    priya.approves("sessions").await;
    priya.sees_in("#score-card .big", "800").await;
}
