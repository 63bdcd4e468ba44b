//! Signing in with an identity provider in a real browser, under the pages' own security policy, which holds forms and
//! what they lead to.

use crate::{app::App, driver::Screen, person::Way, provider::Provider};

#[tokio::test]
async fn somebody_signs_in_with_the_provider_works_and_signs_out_of_both() {
    signs_in_and_out(Way::Pointer).await;
}

#[tokio::test]
async fn signing_in_and_out_needs_no_script() {
    signs_in_and_out(Way::NoScript).await;
}

async fn signs_in_and_out(way: Way) {
    let provider = Provider::start();
    provider.set(|b| b.asks = true);
    let app = App::start_with(way, &provider.variables()).await;
    let nadia = app.comes("Nadia Rahman", Screen::Desk).await;
    nadia.opens("/initiatives/new").await;
    nadia.presses("Sign in with 127.0.0.1").await;
    nadia.sees_in("h1", "Who are you?").await;
    nadia.presses("I am Nadia").await;
    nadia.sees_in("h1", "New initiative").await;
    nadia.enters("Key", "INIT-1").await;
    nadia.enters("Title", "Checkout conversion value").await;
    nadia.presses("Create initiative").await;
    nadia.sees_in("h1", "Checkout conversion value").await;
    nadia.clicks(".person:not(.present) summary").await;
    nadia.presses("Sign out").await;
    nadia.sees_in("h1", "Sign in").await;
    assert_eq!(provider.count("end-session"), 1);
    nadia.opens("/backlog").await;
    nadia.sees_in("h1", "Sign in").await;
}
