//! Number literals: `1200`, `1_200`, `.5`, `1.2e6`, `5%`, and what people type instead.
//!
//! Knows one literal; must not know what stands around it (commas are the checker's business).

use super::{error_kind::FormulaErrorKind as Error, hints, lex};

/// A literal that was understood.
pub(super) struct Scanned {
    /// Bytes, a `%` and the blanks before it included.
    pub(super) length: usize,
    /// Finite; a per cent sign is worked in.
    pub(super) value: f64,
}

/// Reads the literal that `rest` starts with (a digit, or a point and a digit).
pub(super) fn scan(rest: &str) -> Result<Scanned, (usize, Error)> {
    let length = literal_length(rest);
    let written = &rest[..length];
    let after = &rest[length..];
    if after.starts_with('.') {
        let length = rest
            .find(|next: char| !(next.is_ascii_digit() || matches!(next, '.' | '_')))
            .unwrap_or(rest.len());
        return Err((
            length,
            Error::BadNumber {
                written: shortened(&rest[..length]),
            },
        ));
    }
    if !has_good_underscores(written) {
        return Err((
            length,
            Error::BadNumber {
                written: shortened(written),
            },
        ));
    }
    let digits: String = written
        .chars()
        .filter(|character| *character != '_')
        .collect();
    let value = digits.parse::<f64>().unwrap_or(f64::NAN);
    if !value.is_finite() {
        return Err((
            length,
            Error::NumberTooLarge {
                written: shortened(written),
            },
        ));
    }
    let letters = after
        .find(|next| !lex::is_word(next))
        .unwrap_or(after.len());
    if letters > 0 {
        return Err((
            length + letters,
            with_letters(&digits, value, &after[..letters]),
        ));
    }
    let blanks = after
        .find(|next| next != ' ' && next != '\t')
        .unwrap_or(after.len());
    if after[blanks..].starts_with('%') {
        // Through the decimal digits, not `/ 100`: 7.1% is the number nearest to 0.071.
        return Ok(Scanned {
            length: length + blanks + 1,
            value: hundredth(&digits),
        });
    }
    Ok(Scanned { length, value })
}

fn literal_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let run = |from: usize| {
        let is_inside = |byte: &&u8| byte.is_ascii_digit() || **byte == b'_';
        from + bytes.iter().skip(from).take_while(is_inside).count()
    };
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = run(0);
    if bytes.get(end) == Some(&b'.') && is_digit(end + 1) {
        end = run(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if is_digit(end + 1 + sign) {
            end += 1 + sign;
            end += bytes
                .iter()
                .skip(end)
                .take_while(|byte| byte.is_ascii_digit())
                .count();
        }
    }
    end
}

fn has_good_underscores(written: &str) -> bool {
    let bytes = written.as_bytes();
    bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'_')
        .all(|(at, _)| {
            let is_digit = |at: Option<usize>| {
                at.and_then(|at| bytes.get(at))
                    .is_some_and(u8::is_ascii_digit)
            };
            is_digit(at.checked_sub(1)) && is_digit(Some(at + 1))
        })
}

fn hundredth(digits: &str) -> f64 {
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    // An exponent beyond an i32 was zero or infinite before the per cent sign.
    let exponent = exponent
        .parse::<i32>()
        .unwrap_or(i32::MIN)
        .saturating_sub(2);
    format!("{mantissa}e{exponent}").parse().unwrap_or(0.0)
}

fn with_letters(digits: &str, value: f64, letters: &str) -> Error {
    if let Some(factor) = hints::suffix_factor(letters) {
        let written = shortened(&format!("{digits}{letters}"));
        return Error::NumberSuffix {
            written,
            meant: shortened(&(value * factor).to_string()),
        };
    }
    let after_x = letters.strip_prefix(['x', 'X']);
    if after_x.is_some_and(|rest| rest.chars().all(|next| next.is_ascii_digit())) {
        return Error::LetterAsTimes {
            letter: letters.chars().take(1).collect(),
        };
    }
    Error::NumberThenName {
        written: shortened(&format!("{digits}{letters}")),
        multiplied: shortened(&format!("{digits} * {letters}")),
    }
}

fn shortened(written: &str) -> String {
    if written.chars().count() <= 40 {
        return written.to_owned();
    }
    written.chars().take(39).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_read_as_the_nearest_number() {
        for (text, length, value) in [
            ("1200", 4, 1200.0),
            ("1_200 ", 5, 1200.0),
            (".5", 2, 0.5),
            ("0.125", 5, 0.125),
            ("1.2e6+", 5, 1.2e6),
            ("1E-3", 4, 1e-3),
            ("2e+3", 4, 2000.0),
            ("5%", 2, 0.05),
            ("5 %", 3, 0.05),
            ("7.1%", 4, 0.071),
            ("1e2%", 4, 1.0),
            ("0%", 2, 0.0),
            ("007", 3, 7.0),
            ("1e-999", 6, 0.0),
            ("1e-99999999999%", 15, 0.0),
        ] {
            let scanned = scan(text).map_err(|(_, error)| error).unwrap();
            assert_eq!((scanned.length, scanned.value), (length, value), "{text}");
        }
    }

    #[test]
    fn anything_else_is_a_fault_with_its_length() {
        for (text, length, code) in [
            ("1e999", 5, "number_too_large"),
            ("1e99999999999", 13, "number_too_large"),
            ("1.2.3", 5, "bad_number"),
            ("1.", 2, "bad_number"),
            ("1__0", 4, "bad_number"),
            ("1_", 2, "bad_number"),
            ("5k", 2, "number_suffix"),
            ("1.5M ", 4, "number_suffix"),
            ("2a", 2, "number_then_name"),
            ("2e", 2, "number_then_name"),
            ("2nd_order", 9, "number_then_name"),
            ("2x3", 3, "letter_as_times"),
            ("2x", 2, "letter_as_times"),
        ] {
            let (found, error) = scan(text).err().unwrap();
            assert_eq!((found, error.code()), (length, code), "{text}");
        }
    }
}
