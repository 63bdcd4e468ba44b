//! Typed and pasted text without what can't be seen, before it is read.
//!
//! Knows characters only: which spaces, dashes and signs mean the same to people.

/// Typed text without what can't be seen: any space is a space, any minus a minus.
pub(super) fn clean(typed: &str) -> String {
    let seen = typed.chars().filter_map(|c| match c {
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => None,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Some('-'),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => Some('\''),
        '\u{ff05}' | '\u{fe6a}' => Some('%'),
        '\u{ffe1}' => Some('£'),
        '\u{ffe5}' => Some('¥'),
        '\u{ff04}' => Some('$'),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10),
        other => Some(other),
    });
    let text: String = seen.collect();
    let text = text.trim();
    // A sheet's mark for "this is text".
    let unmarked = text
        .strip_prefix('\'')
        .filter(|rest| !rest.starts_with('\''));
    unmarked.unwrap_or(text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert_eq!(clean("\u{feff}\u{a0}1\u{2009}200\u{200b} "), "1 200");
        assert_eq!(clean("\u{2212}\u{ff15}\u{ff05}"), "-5%");
        assert_eq!(clean("'1\u{2019}200"), "1'200");
        assert_eq!(clean("' '"), "'");
    }
}
