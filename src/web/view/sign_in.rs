//! Signing in: the button that leads to the identity provider, or choosing who one is on a machine without one.

use super::layout::Page;
use askama::Template;

/// A sample person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamplePerson {
    /// Sent as `person`.
    pub id: String,
    /// Full name.
    pub name: String,
    /// One or two letters.
    pub initials: String,
    /// Role in words.
    pub role: String,
    /// What the role may do, in a line.
    pub may: String,
}

/// The sign-in page.
#[derive(Clone, Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// The frame, with no viewer.
    pub page: Page,
    /// Where to go afterwards: an own path.
    pub next: String,
    /// The identity provider, as people know it; empty: there is none.
    pub provider: String,
    /// Why it can't be asked just now; empty: it can.
    pub trouble: String,
    /// Who can be chosen; empty: local sign-in is off.
    pub people: Vec<SamplePerson>,
    /// Why nobody can sign in: one sentence a reason; shown when `people` is empty.
    pub reasons: Vec<String>,
    /// Names of the settings to make: `OIDC_ISSUER_URL` and so on.
    pub settings: Vec<String>,
}

/// On the way to the identity provider's own pages.
#[derive(Clone, Debug, Template)]
#[template(path = "going_on.html")]
pub struct GoingOn {
    /// The frame, with no viewer.
    pub page: Page,
    /// The identity provider, as people know it.
    pub to: String,
    /// Its page.
    pub address: String,
}
