//! The formula's editor while one types: the result follows, the margins stay beside their lines, the cursor stays where
//! it is, and a misspelt name is put right by keyboard alone.

use crate::{app::App, driver::Screen};
use fantoccini::key::Key;
use productops::domain::rights::Role;
use serde_json::{Value, json};

const BOX: &str = "const box = document.querySelector('form.write textarea');";

/// How far the text in the box and the unseen lines under it are apart, and whether each value stands beside its line.
const APART: &str = r#"
const rows = document.querySelector(".code .rows"), box = document.querySelector("form.write textarea");
const style = getComputedStyle(box), ghost = rows.querySelector(".ghost");
return [
  Math.round(box.scrollHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom) - rows.getBoundingClientRect().height),
  Math.round(ghost.getBoundingClientRect().width - box.clientWidth),
  Math.round(ghost.getBoundingClientRect().left - box.getBoundingClientRect().left),
  box.scrollTop,
];"#;

#[tokio::test]
async fn the_result_follows_the_typing_and_a_misspelt_name_is_put_right_by_keyboard() {
    let app = App::start_for(crate::person::Way::Keys).await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.fills("sessions", "500k").await;
    priya.fills("margin", "30%").await;
    priya.writes_formula("value = sessions * margin").await;
    priya.sees_in(".check .result", "150,000").await;
    priya.types(" * 2").await;
    priya.sees_in(".check .result", "300,000").await;
    priya.sees_in(".code .val", "300,000").await;
    let at = format!("{BOX} return [document.activeElement === box, box.selectionEnd]");
    assert_eq!(
        priya.asks_page(&at).await,
        json!([true, 29]),
        "the cursor stays where it is"
    );

    // What is opened to be read stays open while the check goes on.
    priya.presses("How each line comes about").await;
    priya.sees_in(".check .worked", "sessions 500,000").await;
    priya
        .writes_formula("twice = sesions * 2\nvalue = twice * margin")
        .await;
    priya
        .sees_in(".check .warning", "Did you mean `sessions`?")
        .await;
    // The cursor goes into the text, not to its end.
    let home: Vec<char> = [Key::Control.into(), Key::Home.into()].to_vec();
    priya.strikes(&home).await.expect("Ctrl and Home");
    priya.strikes(&[Key::End.into()]).await.expect("End");
    priya.presses("Use sessions").await;
    priya.sees_in(".check .result", "300,000").await;
    priya.sees_in(".check .worked", "sessions 500,000").await;
    let holds =
        format!("{BOX} return [box.value, document.activeElement === box, box.selectionEnd]");
    assert_eq!(
        priya.asks_page(&holds).await,
        json!(["twice = sessions * 2\nvalue = twice * margin", true, 20]),
        "the name is put right and the cursor is where it was"
    );
    let values =
        "return [...document.querySelectorAll('.code .val')].map((one) => one.textContent)";
    assert_eq!(
        priya.asks_page(values).await,
        json!(["1,000,000", "300,000"])
    );
}

#[tokio::test]
async fn numbers_and_values_stand_beside_their_lines_however_the_text_wraps() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    drop(priya);
    let long = "# what a year of it is worth, all in all, if the whole of the audience stays as large as it is now and nobody leaves\n\nfirst_intermediate_result = sessions_of_the_whole_year * conversion_rate_of_returning_visitors * a_very_long_name_that_wraps_anywhere_at_all_on_a_phone_really\nvalue = first_intermediate_result";
    for screen in [Screen::Desk, Screen::Phone] {
        let priya = match screen {
            Screen::Desk => app.signs_in(Role::Pm).await,
            Screen::Phone => app.signs_in_by_phone(Role::Pm).await,
        };
        priya.opens("/math-models/1").await;
        priya.writes_formula(long).await;
        priya.sees_in("[id$='-check']", "Reads 3 params").await;
        let apart: Value = priya.asks_page(APART).await;
        assert_eq!(apart, json!([0, 0, 0, 0]), "{screen:?}");
        assert_eq!(priya.has_to_scroll_sideways_by().await, 0, "{screen:?}");
    }
}
