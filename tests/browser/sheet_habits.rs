//! What people from a sheet do without thinking: press Delete, press F2, click elsewhere, press Ctrl-Z as often as it
//! takes.

use crate::{app::App, person::Person};
use fantoccini::key::Key;
use serde_json::json;

impl Person {
    /// Puts the focus on a param's cell, as arrows would.
    async fn stands_on(&self, param: &str, column: usize) {
        let row = self.row_of(param).await;
        let cell = format!("{row} > :nth-child({column}) .field");
        let script = format!("document.querySelector(\"{cell}\").focus()");
        self.asks_page(&script).await;
    }

    /// The selector of a param's cell.
    async fn cell(&self, param: &str, column: usize) -> String {
        let row = self.row_of(param).await;
        format!("{row} > :nth-child({column})")
    }

    async fn holds(&self, script: &str, wanted: serde_json::Value) {
        self.until(&format!("{script} to be {wanted}"), async || {
            let found = self.run(script, vec![]).await?;
            if found == wanted {
                Ok(())
            } else {
                Err(found.to_string())
            }
        })
        .await;
    }
}

#[tokio::test]
async fn delete_takes_a_value_out_f2_opens_it_and_home_and_end_go_to_the_rows_ends() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params?initiative=INIT-1").await;
    priya.fills("sessions", "400").await;
    let value = priya.cell("sessions", 2).await;
    priya.stands_on("sessions", 2).await;
    priya.strikes(&[Key::Delete.into()]).await.expect("a key");
    priya.sees("saved").await;
    priya.sees_in(&value, "Add").await;
    priya
        .strikes(&[Key::Control.into(), 'z'])
        .await
        .expect("keys");
    priya.sees_in(&value, "400").await;

    priya.stands_on("sessions", 2).await;
    priya.strikes(&[Key::F2.into()]).await.expect("a key");
    priya.still_has_typed("400").await;
    priya.escape().await;
    priya.sees_closed("sessions").await;
    priya.stands_on("sessions", 2).await;
    priya.strikes(&[Key::End.into()]).await.expect("a key");
    let column = "return document.activeElement.closest('td, th').cellIndex";
    priya.holds(column, json!(6)).await;
    priya.strikes(&[Key::Home.into()]).await.expect("a key");
    priya.holds(column, json!(0)).await;
}

#[tokio::test]
async fn clicking_another_cell_saves_what_was_typed_and_goes_there() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params?initiative=INIT-1").await;
    let (unit, value) = (
        priya.cell("sessions", 3).await,
        priya.cell("sessions", 2).await,
    );
    priya.clicks(&format!("{unit} .field")).await;
    priya.sees_in(&unit, "Save").await;
    let all = format!("{}a{}", char::from(Key::Control), char::from(Key::Null));
    priya.types(&all).await;
    priya.types("visits").await;
    priya.clicks(&format!("{value} .field")).await;
    priya.sees_in(&unit, "visits").await;
    // The cell that was clicked is open by then.
    priya.still_has_typed("").await;
    priya.types("750k").await;
    // In another row; not a cell that the open one covers.
    let source = priya.cell("margin", 5).await;
    priya.clicks(&format!("{source} .field")).await;
    priya.sees_in(&value, "750,000").await;
    priya.sees_in(&source, "Save").await;
}

#[tokio::test]
async fn pressing_ctrl_z_again_before_the_first_is_done_takes_back_as_many_acts() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params?initiative=INIT-1").await;
    for value in ["100", "200", "300", "400"] {
        priya.fills("sessions", value).await;
    }
    priya.stands_on("sessions", 2).await;
    let value = priya.cell("sessions", 2).await;
    for _ in 0..3 {
        priya
            .strikes(&[Key::Control.into(), 'z'])
            .await
            .expect("keys");
    }
    priya.sees_in(&value, "100").await;
    for _ in 0..2 {
        priya
            .strikes(&[Key::Control.into(), 'y'])
            .await
            .expect("keys");
    }
    priya.sees_in(&value, "300").await;
}

#[tokio::test]
async fn what_is_typed_down_a_column_over_a_slow_network_lands_in_its_own_cells() {
    const VALUES: [(&str, &str, &str); 4] = [
        ("alpha", "12", "12"),
        ("beta", "7.25", "7.25"),
        ("gamma", "88", "88"),
        ("omega", "210843", "210,843"),
    ];
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = alpha * beta * gamma * omega")
        .await;
    priya.opens("/params?initiative=INIT-1").await;
    priya.tells_browser("Network.enable", json!({})).await;
    let slow = json!({ "offline": false, "latency": 150, "downloadThroughput": -1, "uploadThroughput": -1 });
    priya
        .tells_browser("Network.emulateNetworkConditions", slow)
        .await;
    priya.stands_on("alpha", 2).await;
    let mut keys: Vec<char> = Vec::new();
    for (_, typed, _) in VALUES {
        keys.extend(typed.chars());
        keys.push(Key::Enter.into());
    }
    // One after the other, as fast as they come.
    priya.strikes(&keys).await.expect("keys");
    for (param, _, shown) in VALUES {
        let cell = priya.cell(param, 2).await;
        priya.sees_in(&cell, shown).await;
        priya.sees_closed(param).await;
    }
    // To the side as well, and what is refused takes nothing with it into another cell.
    priya.stands_on("alpha", 2).await;
    let tab = char::from(Key::Tab);
    let keys: Vec<char> = "15".chars().chain([tab]).chain("visits".chars()).collect();
    priya.strikes(&keys).await.expect("keys");
    priya.strikes(&[Key::Enter.into()]).await.expect("a key");
    let unit = priya.cell("alpha", 3).await;
    priya.sees_in(&unit, "visits").await;
    let alpha = priya.cell("alpha", 2).await;
    priya.sees_in(&alpha, "15").await;
    priya.stands_on("alpha", 2).await;
    let enter = char::from(Key::Enter);
    let keys: Vec<char> = "1x1".chars().chain([enter]).chain("99".chars()).collect();
    priya.strikes(&keys).await.expect("keys");
    priya.sees_in("form.edit .error", "1x1").await;
    // What was typed after it stands in its own cell, not saved yet.
    priya.escape().await;
    let beta = priya.cell("beta", 2).await;
    priya.sees_in(&beta, "7.25").await;
}
