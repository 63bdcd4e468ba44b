//! Two people at once: nobody's edit is lost, and no click means something that wasn't on the screen.

use crate::{app::App, live::turns_deaf};
use productops::domain::rights::Role;

#[tokio::test]
async fn two_people_in_one_field_see_each_other_and_choose() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/params?initiative=INIT-1").await;
    priya.edits("sessions").await;
    priya.types("500").await;

    anders.fills("sessions", "400").await;

    priya.enter().await;
    priya.sees_in(".conflict", "Anders Holm saved this").await;
    priya.sees_in(".conflict", "Theirs 400").await;
    priya.sees_in(".conflict", "Yours 500").await;
    priya.still_has_typed("500").await;

    // She looks at theirs first, and then saves hers after all.
    priya.presses_in("form.edit", "Save mine anyway").await;
    priya.sees_closed("sessions").await;
    let row = priya.row_of("sessions").await;
    priya
        .sees_in(&format!("{row} td:nth-child(2)"), "500")
        .await;
    anders.reloads().await;
    anders
        .sees_in(&format!("{row} td:nth-child(2)"), "500")
        .await;

    // The other way round: he keeps hers.
    anders.edits("sessions").await;
    anders.types("450").await;
    priya.fills("sessions", "600").await;
    anders.enter().await;
    anders.sees_in(".conflict", "Priya Nair saved this").await;
    anders.presses_in("form.edit", "Keep theirs").await;
    anders.sees_closed("sessions").await;
    anders
        .sees_in(&format!("{row} td:nth-child(2)"), "600")
        .await;
}

#[tokio::test]
async fn an_approval_from_a_stale_tab_approves_nothing_and_says_who_changed_what() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    turns_deaf(&priya).await;
    priya.fills("sessions", "400").await;
    let row = priya.row_of("sessions").await;

    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/initiatives/INIT-1").await;
    anders.fills("sessions", "9,000").await;

    priya.presses_in(&row, "Approve").await;
    priya
        .sees_in("#notices", "Anders Holm changed the value")
        .await;
    priya.sees_in("#notices", "from 400 to 9").await;
    priya
        .sees_in(&format!("{row} td:nth-child(2)"), "9,000")
        .await;
    priya.sees_in(&row, "Needs approval").await;

    // Now she has seen it.
    priya.approves("sessions").await;
    priya.sees_in("#score-card .big", "18,000").await;
}

#[tokio::test]
async fn a_formula_approved_in_a_stale_tab_is_refused_and_two_texts_are_both_kept() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    turns_deaf(&priya).await;
    let ada = app.signs_in(Role::Admin).await;
    ada.opens("/initiatives/INIT-1").await;
    turns_deaf(&ada).await;
    priya.writes_formula("value = sessions * 3").await;
    priya.presses("Save").await;
    priya.sees("Approve version 2").await;

    ada.writes_formula("value = sessions * 4").await;
    ada.presses("Save").await;
    ada.sees_in(".conflict", "Priya Nair saved version 2").await;
    ada.sees_in(".conflict", "value = sessions * 3").await;
    ada.presses("Save").await;
    ada.sees("Approve version 3").await;

    priya.presses("Approve formula").await;
    priya.sees("Ada Okafor saved version 3").await;
    priya.sees("Nothing was changed").await;
    priya.sees("Approve version 3").await;
}
