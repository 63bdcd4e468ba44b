//! Why somebody wasn't signed in, in words: what happened, what is safe, what to do.

use super::{error::Words, view::Link};
use crate::identity::{Refusal, Saying, Untrusted};
use actix_web::http::StatusCode;

/// Why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The provider's word, or that there is none.
    #[error("{0}")]
    Provider(Refusal),
    /// What came back belongs to no sign-in that waits in this browser.
    #[error("the answer belongs to no sign-in that waits in this browser")]
    NoAttempt,
    /// An admin has closed the account.
    #[error("the person is deactivated")]
    Deactivated,
    /// Their address is another person's here.
    #[error("the address is another person's")]
    AddressTaken,
    /// Nothing gives them a role; these groups would.
    #[error("no group of the person gives a role")]
    NoRole(Vec<String>),
}

/// A sign-in that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody was signed in: {why}")]
pub struct Refused {
    /// Why.
    pub why: Why,
    /// Who was asked.
    pub provider: String,
    /// Where the person was going: an own path.
    pub next: String,
}

const ASK: &str = "Ask whoever runs this app.";
const AGAIN: &str = "Try again; if it happens again, tell whoever runs this app.";

impl Refused {
    /// What the answer says to programs.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.why {
            Why::Provider(Refusal::Down | Refusal::NoClient | Refusal::Said(Saying::Trouble)) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Why::Provider(Refusal::OtherIssuer | Refusal::Unreadable | Refusal::NoTokens) => {
                StatusCode::BAD_GATEWAY
            }
            Why::NoAttempt => StatusCode::BAD_REQUEST,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// What a person reads.
    pub(super) fn words(&self) -> Words {
        let (title, happened, todo) = match &self.why {
            Why::Provider(refusal) => provider_words(refusal, &self.provider),
            Why::NoAttempt => (
                "This sign-in is over",
                "It began more than ten minutes ago, in another browser, or has been used already."
                    .to_owned(),
                "Try again, in this browser and at the address where you began.".to_owned(),
            ),
            Why::Deactivated => (
                "Your account is closed",
                format!(
                    "{} knows you, but an admin has deactivated your account here.",
                    self.provider
                ),
                "Ask an admin of this app to open it again.".to_owned(),
            ),
            Why::AddressTaken => (
                "Your e-mail address is taken",
                "It belongs to another account here, which can’t be joined with yours by itself."
                    .to_owned(),
                "Ask an admin of this app to change the address of the other account.".to_owned(),
            ),
            Why::NoRole(groups) => (
                "You have no role here",
                no_role(groups, &self.provider),
                no_role_todo(&self.provider),
            ),
        };
        let next = serde_urlencoded::to_string([("next", &self.next)]).unwrap_or_default();
        Words {
            title: title.to_owned(),
            happened,
            safe: "You are not signed in, and nothing was changed.".to_owned(),
            todo,
            link: Link {
                label: "Try again".to_owned(),
                href: format!("/sign-in?{next}"),
            },
        }
    }
}

fn no_role(groups: &[String], provider: &str) -> String {
    if groups.is_empty() {
        return format!("{provider} knows you, but nobody has given you a role in this app.");
    }
    let all = groups.join(", ");
    format!(
        "{provider} knows you, but you are in none of the groups that have a role in this app. These count: {all}."
    )
}

fn no_role_todo(provider: &str) -> String {
    format!(
        "Ask whoever keeps the groups at {provider} to add you to one, or an admin of this app for a role; then try again."
    )
}

/// The page's title, what happened, what to do. What a provider doubts and what we doubt are told in the same plain words;
/// the log has the reason.
fn provider_words(refusal: &Refusal, provider: &str) -> (&'static str, String, String) {
    let (title, happened, todo) = match refusal {
        Refusal::NoClient | Refusal::Down | Refusal::Said(Saying::Trouble) => (
            "Signing in doesn’t work just now",
            format!("{provider} doesn’t answer, or has trouble of its own."),
            "Wait a moment and try again. Whoever is signed in already can go on.",
        ),
        Refusal::OtherIssuer => (
            "Signing in is set up wrongly",
            format!(
                "{provider} calls itself by another address than OIDC_ISSUER_URL says; they must be the same to the character."
            ),
            ASK,
        ),
        Refusal::Unreadable => (
            "Signing in doesn’t work just now",
            format!("{provider} gave an answer that this app can’t read."),
            AGAIN,
        ),
        Refusal::NoTokens => (
            "Signing in doesn’t work just now",
            format!(
                "{provider} didn’t accept this app’s question. The sign-in may have taken too long, or the app’s secret there is another one."
            ),
            AGAIN,
        ),
        Refusal::Said(Saying::Denied) => (
            "You weren’t signed in",
            format!(
                "{provider} says that access was denied: you stopped the sign-in, or aren’t allowed to use this app."
            ),
            "Try again, or ask whoever keeps the accounts there.",
        ),
        Refusal::Said(Saying::Disagrees) => (
            "Signing in is set up wrongly",
            format!("{provider} doesn’t agree with how this app asks."),
            ASK,
        ),
        Refusal::Clock => (
            "The clocks don’t agree",
            format!(
                "{provider} gave a sign-in that has expired or isn’t valid yet, by this app’s clock."
            ),
            "Try again; if it happens again, ask whoever runs this app to set its clock.",
        ),
        Refusal::Unverified => (
            "Your e-mail address isn’t verified",
            format!("{provider} says that nobody has made sure the address is yours."),
            "Verify it there, then try again.",
        ),
        Refusal::Untrusted(Untrusted::Key | Untrusted::Algorithm) => (
            "This sign-in can’t be trusted",
            format!("It isn’t signed in a way that {provider} and this app agree on."),
            AGAIN,
        ),
        Refusal::Untrusted(_) => (
            "This sign-in can’t be trusted",
            format!("The answer that came back doesn’t hold as one of {provider} to this sign-in."),
            AGAIN,
        ),
    };
    (title, happened, todo.to_owned())
}
