//! What a person reads when the wall refuses a request before any page sees it.

use super::WebError;

/// The sentences that differ.
pub(super) struct Refused {
    pub(super) title: &'static str,
    pub(super) happened: &'static str,
    pub(super) todo: String,
}

/// The words for a refusal of the wall; any other error says that something is wrong with the request.
pub(super) fn words(error: &WebError) -> Refused {
    let (title, happened, todo) = match error {
        WebError::Misdirected => (
            "This isn’t the app’s address",
            "The app was asked for under a name that it doesn’t have.",
            "Use the address that you were given for it.",
        ),
        WebError::WrongMethod => (
            "This can’t be opened like this",
            "The address is one of this app’s, but not for this kind of request.",
            "Go to the page that it belongs to, and use the button there.",
        ),
        WebError::AddressTooLong => (
            "This address is too long",
            "It is longer than any address of this app.",
            "Search or filter for less at once.",
        ),
        WebError::FormTooLarge => (
            "This is too much at once",
            "The form could not be read: it is larger than 256 KiB.",
            "Go back, what you typed is still there; send less of it at once.",
        ),
        WebError::FileTooLarge => (
            "This file is too large",
            "At most 20 MiB are taken.",
            "Split the file, or have whoever runs the app bring it in with the command “productops import”.",
        ),
        WebError::TooSlow => (
            "This took too long",
            "The form didn’t arrive in time.",
            "Go back, what you typed is still there; send it again.",
        ),
        WebError::TooMany { seconds } => {
            return Refused {
                title: "Too often in a short time",
                happened: "This has been asked for too often in a short time.",
                todo: format!(
                    "What you typed is still there. Try again in {}.",
                    wait(*seconds)
                ),
            };
        }
        _ => (
            "This can’t be read",
            "The app reads plain forms only, and this was something else.",
            "Open the page again and repeat what you did there.",
        ),
    };
    Refused {
        title,
        happened,
        todo: todo.to_owned(),
    }
}

fn wait(seconds: i64) -> String {
    match seconds {
        ..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    }
}
