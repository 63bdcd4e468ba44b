//! On a phone nothing is cut off: no page is wider than the screen.

use crate::{app::App, driver::Screen, journey};
use productops::domain::rights::Role;

#[tokio::test]
async fn no_page_is_wider_than_a_phone() {
    let app = App::start().await;
    journey::ada_brings_the_backlog_in(&app).await;

    let stranger = app.comes("A stranger", Screen::Phone).await;
    stranger.opens("/sign-in").await;
    stranger.sees("Who are you today?").await;
    assert_eq!(stranger.has_to_scroll_sideways_by().await, 0, "/sign-in");
    drop(stranger);

    let priya = app.signs_in_by_phone(Role::Pm).await;
    let width = priya
        .asks_page("return document.scrollingElement.clientWidth")
        .await;
    assert_eq!(width, 390, "a phone’s width");
    for page in [
        "/backlog",
        "/initiatives/INIT-101",
        "/initiatives/INIT-101/history",
        "/initiatives/INIT-123",
        "/initiatives/new",
        "/math-models",
        "/math-models/1",
        "/params",
        "/params?state=missing",
        "/legend",
        "/formula-language",
    ] {
        priya.opens(page).await;
        priya.sees_in("header", "ProductOps").await;
        assert_eq!(priya.has_to_scroll_sideways_by().await, 0, "{page}");
    }

    // With a field open, too.
    priya.opens("/params").await;
    priya.clicks("a[href$='/fields/range/edit']").await;
    priya.sees_in("form.edit", "Save").await;
    assert_eq!(
        priya.has_to_scroll_sideways_by().await,
        0,
        "/params with a range open"
    );
}
