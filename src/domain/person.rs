//! A person as an admin types them in, and what must stay true of admins.

/// The longest name and the longest address that are taken.
const LONGEST_NAME: usize = 120;
const LONGEST_EMAIL: usize = 254;

/// Somebody who is to be added: with them the app knows who is meant when they first sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// What others read.
    pub name: String,
    /// In lower case.
    pub email: String,
}

/// Why somebody can't be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonFault {
    /// No name, or one that is too long.
    #[error("A person needs a name of at most 120 characters.")]
    Name,
    /// Not an e-mail address.
    #[error("Type an e-mail address like fiona@example.com: the one they will sign in with.")]
    Email,
}

/// A name and an address as they were typed.
///
/// # Errors
/// One of them can't be taken.
pub fn read(name: &str, email: &str) -> Result<NewPerson, PersonFault> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(PersonFault::Name);
    }
    let email = email.trim().to_lowercase();
    let is_address = email.len() <= LONGEST_EMAIL
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(before, after)| {
            !before.is_empty() && !after.is_empty() && !after.contains('@')
        });
    if !is_address {
        return Err(PersonFault::Email);
    }
    Ok(NewPerson { name, email })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_folded_and_an_address_is_in_lower_case() {
        let person = read("  Fiona   Grant ", " Fiona@Example.com ").unwrap();
        assert_eq!(
            (person.name.as_str(), person.email.as_str()),
            ("Fiona Grant", "fiona@example.com")
        );
    }

    #[test]
    fn what_is_no_name_or_no_address_is_refused() {
        let long = "x".repeat(121);
        for (name, email, fault) in [
            ("  ", "a@b.c", PersonFault::Name),
            (long.as_str(), "a@b.c", PersonFault::Name),
            ("Fiona", "", PersonFault::Email),
            ("Fiona", "fiona", PersonFault::Email),
            ("Fiona", "@example.com", PersonFault::Email),
            ("Fiona", "fiona@", PersonFault::Email),
            ("Fiona", "a b@example.com", PersonFault::Email),
            ("Fiona", "a@b@c", PersonFault::Email),
        ] {
            assert_eq!(read(name, email), Err(fault), "{name} {email}");
        }
    }
}
