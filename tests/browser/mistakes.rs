//! Wrong things typed or tried by one person: the page says what is wrong and where, and keeps what was typed.

use crate::app::App;
use productops::domain::rights::Role;

#[tokio::test]
async fn mistakes_in_a_formula_are_pointed_at_while_it_is_written() {
    let app = App::start().await;
    let priya = app.signs_in(Role::Pm).await;
    priya.opens("/initiatives/new").await;
    priya.enters("Key", "INIT-1").await;
    priya.enters("Title", "One").await;
    priya.chooses("Scoring framework", "Math model").await;
    priya.presses("Create initiative").await;

    // Nobody presses anything here: the check follows the typing.
    for (wrong, place, says) in [
        ("value = orders * (margin + 1", "Line 1, column 18", "("),
        ("value = sqroot(orders)", "Line 1, column 9", "sqroot"),
        (
            "value = gross - cost\ngross = orders * 2",
            "Line 1, column 9",
            "gross",
        ),
    ] {
        priya.writes_formula(wrong).await;
        priya.sees_in("[id$='-check']", place).await;
        priya.sees_in("[id$='-check'] .error", says).await;
        priya.is_not_offered("main", "Approve formula").await;
    }
    priya
        .writes_formula("gross = orders * 2\nvalue = gross - cost")
        .await;
    priya.sees_in("[id$='-check']", "Reads 2 params").await;

    // A draft is hers alone and survives leaving the page.
    priya
        .sees_in("[id$='-check']", "Kept as your private draft")
        .await;
    priya.reloads().await;
    priya.sees("Private draft").await;
    let box_holds = priya
        .asks_page("return document.querySelector('form.write textarea').value")
        .await;
    assert_eq!(box_holds, "gross = orders * 2\nvalue = gross - cost");
}

#[tokio::test]
async fn what_is_no_number_or_out_of_bounds_stays_in_the_field_with_the_reason() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;

    priya.edits("sessions").await;
    priya.types("about a million").await;
    priya.enter().await;
    priya.sees_in("form.edit .error", "number").await;
    priya.still_has_typed("about a million").await;
    priya.returns().await;
    priya.escape().await;
    priya
        .sees_in(&priya.row_of("sessions").await, "Missing")
        .await;

    // Two readings: the page asks instead of guessing, and one press answers.
    priya.edits("margin").await;
    priya.types("4").await;
    priya.enter().await;
    priya.sees_in("form.edit .error", "4 %").await;
    priya.presses_in("form.edit", "Use 4%").await;
    priya.sees_closed("margin").await;
    priya.sees_in(&priya.row_of("margin").await, "4 %").await;

    // RICE owns the bounds of its params.
    priya.chooses("Active framework", "RICE").await;
    priya.edits("impact").await;
    priya.types("5").await;
    priya.enter().await;
    priya.sees_in("form.edit .error", "0 to 3").await;
    priya.still_has_typed("5").await;
    priya.returns().await;
    priya.escape().await;

    // A saved row brings the rest of the page up to date, and nothing else into the grid.
    priya.fills("impact", "2").await;
    priya
        .sees_in("#score-card", "Impact waits for approval")
        .await;
    let strays = "return document.querySelectorAll('.params tbody tr:not([id])').length";
    assert_eq!(priya.asks_page(strays).await, 0, "rows that are no params");
}

#[tokio::test]
async fn nobody_is_offered_an_approval_that_isn_t_theirs() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.fills("sessions", "500k").await;
    priya.fills("margin", "30%").await;

    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/initiatives/INIT-1").await;
    let (sessions, margin) = (
        anders.row_of("sessions").await,
        anders.row_of("margin").await,
    );
    anders.is_not_offered(&margin, "Approve").await;
    anders.sees_in(&margin, "Finance").await;
    anders.is_not_offered("main", "Withdraw approval").await;
    anders.approves("sessions").await;
    anders.is_not_offered(&margin, "Approve").await;
    drop(anders);

    let vera = app.signs_in(Role::Viewer).await;
    vera.opens("/initiatives/INIT-1").await;
    vera.sees_in(&sessions, "500,000").await;
    vera.is_not_offered(&margin, "Approve").await;
    vera.is_not_offered(&sessions, "Withdraw").await;
    vera.is_not_offered("#params", "Edit").await;
    vera.is_not_offered("main", "Save").await;
}
