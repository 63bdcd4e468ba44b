//! Why a sign-in didn't come about. Fixed words only: what a provider sent never gets this far.

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No authorities are known here, so no address can be checked.
    #[error("this machine has no certificates of public authorities")]
    NoClient,
    /// It can't be reached.
    #[error("the provider doesn't answer")]
    Down,
    /// It calls itself something else than is configured.
    #[error("the provider calls itself by another issuer than the configured one")]
    OtherIssuer,
    /// What it answers isn't what the standard says.
    #[error("the provider's answer can't be read")]
    Unreadable,
    /// It refused to say who somebody is.
    #[error("the provider refused: {0}")]
    Said(Saying),
    /// It didn't take our code.
    #[error("the provider didn't take the code")]
    NoTokens,
    /// What it said doesn't hold.
    #[error("the provider's answer can't be believed: {0}")]
    Untrusted(Untrusted),
    /// The two clocks differ.
    #[error("the id token is from the future, or has expired")]
    Clock,
    /// It doesn't vouch for the person's address.
    #[error("the provider says that the e-mail address isn't verified")]
    Unverified,
}

/// What a provider says instead of who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Saying {
    /// The person or the provider said no.
    #[error("access_denied")]
    Denied,
    /// It has trouble of its own.
    #[error("it has trouble of its own")]
    Trouble,
    /// It doesn't agree with how it was asked.
    #[error("it doesn't agree with how it is asked")]
    Disagrees,
}

impl Saying {
    pub(super) fn from_code(code: &str) -> Self {
        match code {
            "access_denied"
            | "login_required"
            | "interaction_required"
            | "consent_required"
            | "account_selection_required" => Self::Denied,
            "server_error" | "temporarily_unavailable" => Self::Trouble,
            _ => Self::Disagrees,
        }
    }
}

/// What of an answer doesn't hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// RFC 9207: the answer is another provider's.
    #[error("it names another issuer")]
    ForeignIssuer,
    /// No code, and no error.
    #[error("it has no code")]
    NoCode,
    /// Somebody may have a token, and nothing says who they are.
    #[error("it has no id token")]
    NoIdToken,
    /// Signature, issuer, audience or nonce.
    #[error("the id token isn't what it should be")]
    IdToken,
    /// Another algorithm than those allowed.
    #[error("the id token is signed in a way that isn't allowed")]
    Algorithm,
    /// No key of the provider signed it.
    #[error("no key of the provider signed the id token")]
    Key,
    /// The access token is not the one the id token speaks of.
    #[error("id token and access token don't belong together")]
    AccessToken,
    /// Nobody.
    #[error("it names nobody")]
    NoSubject,
    /// Userinfo is about another person.
    #[error("userinfo speaks of another person")]
    OtherSubject,
    /// Userinfo can't be read.
    #[error("userinfo can't be read")]
    Userinfo,
}

impl From<Untrusted> for Refusal {
    fn from(what: Untrusted) -> Self {
        Self::Untrusted(what)
    }
}
