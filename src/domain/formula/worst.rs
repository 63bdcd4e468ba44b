//! The texts that cost the most within the limits, for the tests and for `benches/fuzz.rs`.

use super::texts::PIECES;

/// The longest text there is, in bytes.
pub(crate) const LONGEST: usize = 8192;

/// Each text with what it is about.
pub(crate) fn worst() -> Vec<(&'static str, String)> {
    let mut texts = operations();
    texts.extend(names());
    texts.extend(faults());
    texts.extend(numbers());
    texts.extend(PIECES.map(|piece| (piece, piece.repeat(LONGEST / piece.len()))));
    for (_, text) in &mut texts {
        let end = (0..=text.len().min(LONGEST))
            .rev()
            .find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
    }
    texts
}

/// As many lines as are allowed.
fn script(line: impl Fn(usize) -> String) -> String {
    joined(49, "\n", line) + "\nvalue = 1"
}

fn joined(count: usize, between: &str, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(between)
}

/// Formulas with as much to compute as can be.
fn operations() -> Vec<(&'static str, String)> {
    let nested = |before: &'static str, times: usize, inner: &'static str, after: &'static str| {
        script(move |n| {
            format!(
                "a{n}={}{inner}{}",
                before.repeat(times),
                after.repeat(times)
            )
        })
    };
    vec![
        ("one sum", "value = ".to_owned() + &"a+".repeat(255) + "a"),
        (
            "sums in every line",
            script(|n| format!("a{n}=b{}", "+b".repeat(76))),
        ),
        (
            "minus signs",
            script(|n| format!("a{n}={}a", "-".repeat(150))),
        ),
        ("nesting to the limit", nested("(", 32, "b", ")")),
        ("nested calls", nested("abs(", 32, "b", ")")),
        ("nested branches", nested("if(b>1,2,", 15, "3", ")")),
        (
            "nested conditions",
            script(|n| format!("a{n}=if({}b>1{},1,2)", "not(".repeat(31), ")".repeat(31))),
        ),
        (
            "conditions side by side",
            script(|n| format!("a{n}=if(or({}b>1),1,2)", "b>1,".repeat(35))),
        ),
        (
            "cash for every period",
            script(|n| format!("a{n}=npv(r{})", ",1".repeat(72))),
        ),
        (
            "powers",
            script(|n| format!("a{n}=(b{}", "^2)*(b".repeat(25) + ")")),
        ),
    ]
}

/// Formulas, and nearly some, with as many names to follow as can be.
fn names() -> Vec<(&'static str, String)> {
    let long = |number: usize| format!("{:x<60}{number:04}", "name_");
    vec![
        (
            "many names",
            script(|n| format!("b{n}={}", joined(38, "+", |m| short(n * 38 + m)))),
        ),
        ("lines that nothing reads", script(|n| format!("a{n}=b{n}"))),
        (
            "near names",
            joined(60, "\n", |n| {
                if n % 2 == 0 {
                    format!("{}=1", long(n))
                } else {
                    format!("v{n}={}", long(n * 7 + 1))
                }
            }),
        ),
        (
            "near names, unused first",
            joined(24, "\n", |n| format!("{}=1", long(n)))
                + "\nvalue="
                + &joined(98, "+", |n| long(n + 5000)),
        ),
        ("two cases", script(|n| format!("Aa{n}=aA{n}+AA{n}+aa{n}"))),
        (
            "read before",
            script(|n| {
                format!(
                    "a{n}=0+{}",
                    joined(48 - n, "+", |m| format!("a{}", n + m + 1))
                )
            }),
        ),
        (
            "unknown functions",
            script(|n| format!("a{n}=0{}", "+mx(1)".repeat(25))),
        ),
        (
            "unknown long functions",
            script(|n| format!("a{n}=0{}", "+averagf(1)".repeat(13))),
        ),
    ]
}

/// Texts that are no formulas.
fn faults() -> Vec<(&'static str, String)> {
    vec![
        ("nothing", " ".repeat(LONGEST)),
        ("blank lines", "\n".repeat(LONGEST)),
        ("a comment", "#".repeat(LONGEST)),
        ("open parentheses", "(\n".repeat(LONGEST / 2)),
        ("assignments that stay open", "a=(\n".repeat(LONGEST / 4)),
        ("assignments inside", script(|n| format!("a{n}=(b\nc"))),
        ("lines beyond the limit", "x=1\n".repeat(LONGEST / 4)),
        ("every line twice", "value=1\n".repeat(LONGEST / 8)),
        ("an expression beyond the limit", "a+".repeat(LONGEST / 2)),
        ("wide characters", "𝒳".repeat(LONGEST / 4)),
        ("a long name", "a".repeat(LONGEST)),
        (
            "a quotation that never ends",
            "“".to_owned() + &"a ".repeat(LONGEST / 2),
        ),
        ("quotations", "“a” ".repeat(LONGEST / 8)),
    ]
}

/// Numbers, and what looks like some.
fn numbers() -> Vec<(&'static str, String)> {
    vec![
        ("a long number", "1".repeat(LONGEST)),
        (
            "a long fraction",
            "0.".to_owned() + &"1".repeat(LONGEST - 2),
        ),
        (
            "a long share",
            "0.".to_owned() + &"1".repeat(LONGEST - 3) + "%",
        ),
        (
            "long numbers",
            script(|n| format!("a{n}=0.{}e-{n}%", "7".repeat(145))),
        ),
        ("numbers with letters", "12k ".repeat(LONGEST / 4)),
        ("numbers beyond the largest", "9e999 ".repeat(LONGEST / 6)),
        (
            "groups of digits",
            "value = 1".to_owned() + &" 000".repeat(2000),
        ),
        (
            "thousands",
            "value = max(1".to_owned() + &",000".repeat(250) + ")",
        ),
    ]
}

/// A name of few letters.
fn short(number: usize) -> String {
    let letters = b"abcdfghjkl";
    let digit = |place: usize| char::from(letters[number / place % 10]);
    [1000, 100, 10, 1].map(digit).iter().collect()
}
