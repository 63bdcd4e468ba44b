//! The mirror's page on two screens: what one decides, and what the mirror does, appears on the other by itself; and with a
//! Google sheet, from setting it up to putting a hand edit right.

use crate::{
    app::App,
    person::Way,
    stand_in::{
        people::Deed,
        service::{ACCOUNT, SPREADSHEET, Service},
        tab::Tab,
    },
};
use productops::{domain::rights::Role, mirror::grid::Cell};

#[tokio::test]
async fn the_mirrors_page_follows_what_is_decided_elsewhere_and_what_it_does() {
    let app = App::start().await;
    let (ada, other) = (
        app.signs_in(Role::Admin).await,
        app.signs_in(Role::Admin).await,
    );
    ada.opens("/mirror").await;
    ada.sees_in("#standing", "In step").await;
    other.opens("/mirror").await;
    other.presses("Pause for an hour").await;
    other.sees_in("#standing", "Paused until").await;
    ada.sees_in("#standing", "Paused until").await;
    ada.sees_in("#controls", "Resume").await;
    ada.sees_in("#decisions", "paused the mirror").await;
    other.presses("Resume").await;
    ada.sees_in("#standing", "In step").await;
    other.opens("/initiatives/new").await;
    other.enters("Key", "INIT-1").await;
    other.enters("Title", "Loyalty prices").await;
    other.presses("Create initiative").await;
    ada.sees_in("#rows", "1 of 1").await;
    ada.sees_in("#runs", "Something changed in the app").await;
}

fn text(text: &str) -> Cell {
    Cell::of_text(text)
}

/// A backlog of people's making with one row.
fn backlog() -> Tab {
    let header = ["PM Notes", "Initiative Key", "Title", "Score Status"].map(text);
    let row = ["mine", "INIT-1", "As it was", ""].map(text);
    Tab::new("Backlog", &[header.to_vec(), row.to_vec()], (20, 4))
}

#[tokio::test]
async fn an_admin_sets_a_sheet_up_looks_lets_it_write_and_sees_a_hand_edit_put_right() {
    let service = Service::with(backlog()).await;
    let variables = [
        ("MIRROR_SPREADSHEET_ID", SPREADSHEET.to_owned()),
        ("MIRROR_SHEET", "Backlog".to_owned()),
        ("MIRROR_INTERVAL_SECONDS", "1".to_owned()),
        ("MIRROR_MODE", "observe".to_owned()),
        ("GOOGLE_SERVICE_ACCOUNT_JSON", service.key()),
        ("SHEETS_BASE_URL", service.base.clone()),
    ];
    let app = App::start_with(Way::Pointer, &variables).await;
    let ada = app.signs_in(Role::Admin).await;
    ada.opens("/initiatives/new").await;
    ada.enters("Key", "INIT-1").await;
    ada.enters("Title", "Loyalty prices").await;
    ada.presses("Create initiative").await;
    ada.opens("/mirror/set-up").await;
    ada.sees_in("#steps", ACCOUNT).await;
    ada.opens("/mirror").await;
    ada.sees_in(".top", "Mirror observing").await;
    ada.sees_in("#differences", "As it was").await;
    ada.sees_in("#differences", "Loyalty prices").await;
    ada.clicks("#mode-write").await;
    ada.presses("Save the mode").await;
    ada.presses("Let the mirror write").await;
    ada.sees_in("#standing", "The first write would change")
        .await;
    ada.presses("I have looked: write it").await;
    ada.sees_in("#standing", "In step").await;
    ada.sees_in(".top", "Mirror in step").await;
    let title = || service.state().tab.rows[1][2].value.clone();
    assert_eq!(title(), text("Loyalty prices"));
    Deed::Type(1, 2, text("by hand")).happens_to(&mut service.state().tab);
    ada.presses("Mirror now").await;
    ada.sees_in("#repairs", "by hand").await;
    assert_eq!(title(), text("Loyalty prices"));
    ada.sees_in("#tabs", "Would make a tab “Params”").await;
    ada.clicks("#tabs tr:last-child button").await;
    ada.sees_in("#tabs", "The tab “Params” shows what the app says")
        .await;
    ada.presses("Pause for an hour").await;
    ada.sees_in("#standing", "Paused until").await;
    assert_eq!(service.state().tab.rows[1][0].value, text("mine"));
}
