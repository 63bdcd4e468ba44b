//! What people say to each other: the text of a comment, and whom it calls.

use super::ids::{MathModelId, ParamId, UserId};

/// The longest comment, in characters.
pub const LONGEST: usize = 4_000;

/// What a comment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The initiative as a whole.
    Initiative,
    /// One of its models.
    MathModel(MathModelId),
    /// One of its params.
    Param(ParamId),
}

/// Why a comment can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Nothing was written.
    #[error("Write something first.")]
    Empty,
    /// Too much was written.
    #[error(
        "A comment has at most 4,000 characters; this one has {0}. Nothing is lost: shorten it, or send it in two."
    )]
    TooLong(usize),
    /// A name fits several people.
    #[error(
        "“@{word}” fits {names}. Write the whole name, or the part of the address before the @."
    )]
    Unclear {
        /// What was written.
        word: String,
        /// Whom it fits.
        names: String,
    },
}

/// A comment's text as it is kept: without blank ends.
///
/// # Errors
/// It is empty or too long.
pub fn read(typed: &str) -> Result<String, NotTaken> {
    let text = typed.replace("\r\n", "\n").trim().to_owned();
    match text.chars().count() {
        0 => Err(NotTaken::Empty),
        1..=LONGEST => Ok(text),
        length => Err(NotTaken::TooLong(length)),
    }
}

/// Somebody who can be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callable {
    /// Who.
    pub id: UserId,
    /// The full name.
    pub name: String,
    /// None: can be called by name only.
    pub email: Option<String>,
}

impl Callable {
    fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or_default()
    }

    fn mailbox(&self) -> &str {
        let address = self.email.as_deref().unwrap_or_default();
        address.split('@').next().unwrap_or_default()
    }

    fn goes_by(&self, word: &str) -> bool {
        !word.is_empty()
            && [self.first_name(), self.mailbox()]
                .iter()
                .any(|name| name.to_lowercase() == word.to_lowercase())
    }
}

/// The words that stand behind an @ at the beginning of a word: candidates for a name or a mailbox. An address like
/// `a@b.c` calls nobody.
#[must_use]
pub fn words_behind_at(body: &str) -> Vec<String> {
    let mut words: Vec<_> = behind_at(body)
        .map(|rest| first_word(rest).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The words behind an @ that fit nobody: whoever wrote them may think that somebody was called.
#[must_use]
pub fn uncalled(body: &str, people: &[Callable]) -> Vec<String> {
    let mut words: Vec<_> = behind_at(body)
        .filter(|rest| {
            let fits = |person: &Callable| {
                begins_with_name(rest, &person.name) || person.goes_by(first_word(rest))
            };
            rest.starts_with(char::is_alphabetic) && !people.iter().any(fits)
        })
        .map(|rest| first_word(rest).to_owned())
        .collect();
    words.dedup();
    words
}

/// Whom a comment calls, each once, in order. Words that fit nobody stay words.
///
/// # Errors
/// One fits several people.
pub fn mentions(body: &str, people: &[Callable]) -> Result<Vec<UserId>, NotTaken> {
    let mut called = Vec::new();
    for rest in behind_at(body) {
        let by_name = people
            .iter()
            .filter(|person| begins_with_name(rest, &person.name))
            .max_by_key(|person| person.name.len());
        let found = match by_name {
            Some(person) => Some(person),
            None => one_who_goes_by(first_word(rest), people)?,
        };
        if let Some(person) = found
            && !called.contains(&person.id)
        {
            called.push(person.id);
        }
    }
    Ok(called)
}

fn one_who_goes_by<'a>(
    word: &str,
    people: &'a [Callable],
) -> Result<Option<&'a Callable>, NotTaken> {
    let fitting: Vec<_> = people
        .iter()
        .filter(|person| person.goes_by(word))
        .collect();
    if let [_, _, ..] = fitting.as_slice() {
        let names: Vec<_> = fitting.iter().map(|person| person.name.as_str()).collect();
        return Err(NotTaken::Unclear {
            word: word.to_owned(),
            names: names.join(" and "),
        });
    }
    Ok(fitting.first().copied())
}

/// What follows each @ that begins a word.
fn behind_at(body: &str) -> impl Iterator<Item = &str> {
    body.match_indices('@').filter_map(|(at, _)| {
        let before = body[..at].chars().next_back();
        let begins =
            before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-' | '+'));
        begins.then(|| &body[at + 1..])
    })
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '\'' | '’')
}

fn first_word(rest: &str) -> &str {
    let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', '-', '\'', '’'])
}

fn begins_with_name(rest: &str, name: &str) -> bool {
    let mut text = rest.chars().flat_map(char::to_lowercase);
    let fits = name
        .chars()
        .flat_map(char::to_lowercase)
        .all(|c| text.next() == Some(c));
    fits && text.next().is_none_or(|c| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Vec<Callable> {
        [
            (1, "Fiona Grant", "fiona@example.com"),
            (2, "Anders Holm", "a.holm@example.com"),
            (3, "Anders Holmström", "anders.h@example.com"),
            (4, "Zoë O’Neill", "zoe@example.com"),
        ]
        .map(|(id, name, email)| Callable {
            id: UserId(id),
            name: name.into(),
            email: Some(email.into()),
        })
        .to_vec()
    }

    #[test]
    fn people_are_called_by_whole_name_first_name_or_mailbox() {
        let cases: [(&str, &[i64]); 11] = [
            ("@Fiona Grant, is 30 % right?", &[1]),
            ("could @fiona look", &[1]),
            ("(@a.holm)", &[2]),
            ("@a.holm.", &[2]),
            ("@Anders Holmström and @Anders Holm", &[3, 2]),
            ("@zoë o’neill!", &[4]),
            ("@fiona @FIONA @Fiona Grant", &[1]),
            ("write to fiona@example.com", &[]),
            ("@nobody here", &[]),
            ("an @ alone", &[]),
            ("@", &[]),
        ];
        for (body, called) in cases {
            let called: Vec<_> = called.iter().map(|id| UserId(*id)).collect();
            assert_eq!(mentions(body, &people()), Ok(called), "{body}");
        }
    }

    #[test]
    fn a_name_that_fits_several_people_is_asked_about() {
        let unclear = mentions("@Anders please", &people()).unwrap_err();
        assert_eq!(
            unclear.to_string(),
            "“@Anders” fits Anders Holm and Anders Holmström. Write the whole name, or the part of the address before the @."
        );
    }

    #[test]
    fn candidates_are_looked_for_by_the_word_behind_the_at() {
        assert_eq!(
            words_behind_at("@Fiona Grant or @a.holm. Not x@example.com, @Fiona"),
            ["a.holm", "fiona"]
        );
    }

    #[test]
    fn words_that_fit_nobody_are_told_and_signs_are_no_words() {
        let people = people();
        let said = "@Nobody, @fiona, 5 @ 30 %, @Fiona Grant, @Nobody";
        assert_eq!(uncalled(said, &people), ["Nobody"]);
        assert!(uncalled("x@example.com", &people).is_empty());
    }

    #[test]
    fn a_comment_is_neither_empty_nor_endless() {
        assert_eq!(read(" \r\n "), Err(NotTaken::Empty));
        assert_eq!(read(" a\r\nb "), Ok("a\nb".to_owned()));
        assert_eq!(read(&"é".repeat(4_001)), Err(NotTaken::TooLong(4_001)));
        assert!(read(&"é".repeat(4_000)).is_ok());
    }
}
