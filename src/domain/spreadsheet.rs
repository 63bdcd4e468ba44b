//! What a spreadsheet makes of a text in a file without types: some would be computed, so they are guarded.

/// Whether a spreadsheet that opens a file would compute this text instead of showing it.
#[must_use]
pub fn is_live(text: &str) -> bool {
    let begins_live = text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']);
    let is_number = || {
        let digits = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        text.chars().all(digits) && text.parse::<f64>().is_ok()
    };
    begins_live && !is_number()
}

/// Our text as it stands in a file that has no types: what would be computed gets an apostrophe in front, the mark
/// of text in every spreadsheet. One more, if it has some already, so that [`unguarded`] always gives back the same.
#[must_use]
pub fn guarded(text: &str) -> String {
    if is_live(text.trim_start_matches('\'')) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// What was written by [`guarded`]; other text as it is.
#[must_use]
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_live(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_compute_is_guarded_and_comes_back_as_it_was() {
        for live in ["=1+1", "+1 point", "-x", "@SUM(A1)", "'=1", "''-a", "＝1"] {
            let written = guarded(live);
            assert!(written.starts_with('\''), "{written}");
            assert!(!is_live(&written));
            assert_eq!(unguarded(&written), live);
        }
        for plain in ["", "'", "'tis", "-5", "+3", "1=1", "8 %", "' =1", "-1e3"] {
            assert_eq!((guarded(plain).as_str(), unguarded(plain)), (plain, plain));
        }
    }
}
