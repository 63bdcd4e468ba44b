//! Not a test: the README's pictures, taken of the app as it is. `scripts/screenshots` runs it.

use crate::{app::App, driver::Screen, journey};
use productops::domain::rights::Role;
use std::path::Path;

#[tokio::test]
#[ignore = "writes docs/screenshots; run by scripts/screenshots"]
async fn screenshots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    let app = App::start().await;
    journey::ada_brings_the_backlog_in(&app).await;
    let priya = app.signs_in(Role::Pm).await;
    journey::she_turns_the_math_model_on(&priya).await;
    journey::she_writes_and_approves_the_formula(&priya).await;
    journey::everybody_fills_in_and_approves_what_is_theirs(&app, &priya).await;

    priya.opens("/backlog").await;
    priya.takes_picture(&folder.join("backlog.png")).await;
    priya.opens("/params").await;
    priya.takes_picture(&folder.join("params.png")).await;
    priya.resizes_to(1440, 1240).await;
    priya.opens("/initiatives/INIT-123").await;
    priya.takes_picture(&folder.join("initiative.png")).await;
    priya.presses("Priya Nair, PM: menu").await;
    priya.presses("Dark").await;
    priya.opens("/initiatives/INIT-123").await;
    priya
        .takes_picture(&folder.join("initiative-dark.png"))
        .await;
    drop(priya);

    let priya = app.comes("Priya Nair", Screen::Phone).await;
    priya.opens("/sign-in?next=/initiatives/INIT-123").await;
    priya.presses("Priya Nair").await;
    priya.sees_in("#score-card .big", "59,800").await;
    priya
        .asks_page("document.getElementById('score-card').scrollIntoView()")
        .await;
    priya
        .takes_picture(&folder.join("initiative-phone.png"))
        .await;
}
