//! The mirror's page on two screens: what one decides, and what the mirror does, appears on the other by itself.

use crate::app::App;
use productops::domain::rights::Role;

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
