//! Texts to try the language with, for its tests and for `benches/fuzz.rs`: random ones by a seed, so that a failure
//! can be repeated; and what holds for any of them.

use super::{Formula, normalise};

/// splitmix64: the same sequence everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or_default()
    }

    pub(crate) fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    pub(crate) fn number(&mut self) -> f64 {
        let mantissa = f64::from(u32::try_from(self.below(2_000_001)).unwrap_or_default()) - 1e6;
        mantissa / [1.0, 7.0, 1e3, 1e-3][self.below(4)]
    }
}

/// A random expression of what meval's own engine must agree on to the bit.
pub(crate) fn expression(random: &mut Random, depth: usize) -> String {
    if depth == 0 {
        return random
            .one_of(&["a", "b", "c", "2", "0.1", "1e3", "12.75"])
            .to_owned();
    }
    let left = expression(random, depth - 1);
    let other_depth = random.below(depth);
    let right = expression(random, other_depth);
    match random.below(9) {
        0 => format!("{left} + {right}"),
        1 => format!("{left} - {right}"),
        2 => format!("{left} * {right}"),
        3 => format!("{left} / {right}"),
        4 => format!("({left})"),
        5 => format!("-{left}"),
        6 => format!("min({left}, {right})"),
        7 => format!("max({left},{right}, a)"),
        _ => format!("({left} + {right}) * -({right})"),
    }
}

/// A random formula of everything the language has: for each line its tokens.
pub(crate) fn script(random: &mut Random) -> Vec<Vec<&'static str>> {
    let targets = ["saving", "Cost_2", "effort", "overall"];
    let count = random.below(targets.len() + 1);
    let mut lines: Vec<Vec<&'static str>> = Vec::new();
    for at in 0..=count {
        let target = if at == count { "value" } else { targets[at] };
        let mut tokens = vec![target, "="];
        let depth = random.below(4);
        number(random, &targets[..at.min(count)], depth, &mut tokens);
        lines.push(tokens);
    }
    lines
}

fn number(random: &mut Random, above: &[&'static str], depth: usize, out: &mut Vec<&'static str>) {
    if depth == 0 {
        let kind = random.below(4);
        return out.push(match kind {
            0 if !above.is_empty() => random.one_of(above),
            1 => random.one_of(&[
                "2", "0.1", "1e3", "12.75", ".5", "1_000", "5%", "2.5e-3", "0",
            ]),
            _ => random.one_of(&["a", "b_1", "uplift", "Rate", "_x"]),
        });
    }
    let part =
        |random: &mut Random, out: &mut Vec<&'static str>| number(random, above, depth - 1, out);
    let call = |name: &'static str,
                least: usize,
                most: usize,
                random: &mut Random,
                out: &mut Vec<&'static str>| {
        out.extend([name, "("]);
        for at in 0..least + random.below(most - least + 1) {
            if at > 0 {
                out.push(",");
            }
            part(random, out);
        }
        out.push(")");
    };
    match random.below(9) {
        0 => {
            out.extend(["-", "("]);
            part(random, out);
            out.push(")");
        }
        1 => {
            out.push("(");
            part(random, out);
            out.extend([")", "^", random.one_of(&["2", "0.5", "a"])]);
        }
        2 => call(
            random.one_of(&[
                "abs", "round", "floor", "ceil", "sqrt", "exp", "ln", "log10",
            ]),
            1,
            1,
            random,
            out,
        ),
        3 => call(random.one_of(&["min", "max", "npv"]), 2, 4, random, out),
        4 => call(random.one_of(&["clamp", "pv", "fv"]), 3, 3, random, out),
        5 => {
            out.extend(["if", "("]);
            condition(random, above, depth - 1, out);
            for _ in 0..2 {
                out.push(",");
                part(random, out);
            }
            out.push(")");
        }
        _ => {
            part(random, out);
            out.push(random.one_of(&["+", "-", "*", "/"]));
            part(random, out);
        }
    }
}

fn condition(
    random: &mut Random,
    above: &[&'static str],
    depth: usize,
    out: &mut Vec<&'static str>,
) {
    if depth == 0 || random.below(2) == 0 {
        number(random, above, depth.min(1), out);
        out.push(random.one_of(&["<", "<=", ">", ">=", "=", "<>", "==", "!="]));
        return number(random, above, depth.min(1), out);
    }
    let name = random.one_of(&["and", "or", "not"]);
    let others = if name == "not" { 0 } else { random.below(3) };
    out.extend([name, "("]);
    condition(random, above, depth - 1, out);
    for _ in 0..others {
        out.push(",");
        condition(random, above, depth - 1, out);
    }
    out.push(")");
}

/// The same lines with blanks, notes and line ends wherever they may stand, and with the signs of sheets.
pub(crate) fn laid_out(lines: &[Vec<&'static str>], random: &mut Random) -> String {
    let mut text = random
        .one_of(&["", "\u{feff}", "# what it is worth = all\n", "\n \t\n"])
        .to_owned();
    for tokens in lines {
        let mut depth = 0_usize;
        for token in tokens {
            depth += usize::from(*token == "(");
            depth -= usize::from(*token == ")");
            text.push_str(match (*token, random.below(3)) {
                ("*", 0) => "×",
                ("*", 1) => "·",
                ("/", 0) => "÷",
                ("-", 0) => "−",
                ("-", 1) => "–",
                (token, _) => token,
            });
            text.push_str(random.one_of(&["", " ", "  ", "\t", "\u{a0}"]));
            if depth > 0 {
                text.push_str(random.one_of(&[
                    "",
                    "",
                    "\n",
                    "\r\n  ",
                    " # a note, (of some kind\n",
                ]));
            }
        }
        text.push_str(random.one_of(&["\n", "\r\n", " # £5 × “x”\n", "\n\n# x = 1\n", "\r\n\r\n"]));
    }
    text
}

#[rustfmt::skip]
pub(crate) const PIECES: [&str; 72] = [
    "a", "b", "value", "effort", "overall", "x", " ", " ", " ", "\n", "\n", "=", "=", "+", "-", "*", "/",
    "^", "(", ")", "(", ")", ",", "%", "1", "2.5", "1e9", ".5", "1,000", "5k", "5%", "if(", "max(", "min(",
    "round(", "npv(", "pv(", "and(", "or(", "not(", "clamp(", "ln(", "<", ">", "<=", "<>", "==", "#", "£",
    "×", "−", "“", ";", "pi", "e", "\r\n", "\u{feff}", "\u{a0}", "//", "**", "größe", "0", "_", "value = a",
    "a > b", ", ", "mx(", "fv(", "sqrt(", "exp(", "\nx = ", "monthly_sales",
];

/// A text of some kind: a formula, with a slip or without, bytes, or pieces of the language in any order.
pub(crate) fn any(random: &mut Random) -> String {
    let mut text = String::new();
    match random.below(6) {
        0 => {
            let lines = script(random);
            text = laid_out(&lines, random);
        }
        1 => {
            let bytes: Vec<u8> = (0..random.below(40))
                .map(|_| random.next().to_le_bytes()[0])
                .collect();
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
        2 => {
            let lines = script(random);
            text = laid_out(&lines, random);
            // One slip, anywhere.
            let mut at = random.below(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            text.insert_str(at, random.one_of(&PIECES));
        }
        3 => {
            text.push_str("value = ");
            let depth = random.below(4);
            text.push_str(&expression(random, depth));
            // One slip, anywhere.
            let at = random.below(text.len());
            text.insert_str(at, random.one_of(&PIECES));
        }
        _ => (0..random.below(24)).for_each(|_| text.push_str(random.one_of(&PIECES))),
    }
    text
}

/// What holds for any text: no panic, good places, and the text of a formula is itself a formula with the same
/// parameters and results, none of which is NaN or infinite. True if it is a formula.
pub(crate) fn holds(text: &str, random: &mut Random) -> bool {
    let plain = normalise(text);
    assert_eq!(normalise(&plain), plain, "{text:?}");
    match Formula::parse(text) {
        Ok(formula) => {
            let again = Formula::parse(formula.text()).unwrap_or_else(|errors| {
                panic!("{text:?} isn't a formula the second time: {errors:?}")
            });
            let names = |formula: &Formula| -> Vec<String> {
                formula
                    .identifiers()
                    .iter()
                    .map(|i| i.name.clone())
                    .collect()
            };
            assert_eq!(formula.text(), plain, "{text:?}");
            assert_eq!(again.text(), plain, "{text:?}");
            assert_eq!(names(&again), names(&formula), "{text:?}");
            let inputs: Vec<f64> = names(&formula).iter().map(|_| random.number()).collect();
            agree(&formula, &again, &inputs, text);
            true
        }
        Err(errors) => {
            assert!((1..=20).contains(&errors.len()), "{text:?}");
            assert!(
                errors.is_sorted_by_key(|error| (error.line, error.column)),
                "{text:?}"
            );
            let lines = plain.split('\n').count();
            for error in errors {
                assert!(
                    (1..=lines).contains(&(error.line as usize)),
                    "{text:?}: {error:?}"
                );
                assert!(error.column >= 1 && !error.message().is_empty(), "{text:?}");
                assert_ne!(error.code, "not_understood", "{text:?}");
            }
            false
        }
    }
}

fn agree(first: &Formula, second: &Formula, inputs: &[f64], text: &str) {
    let (result, again) = (first.evaluate(inputs), second.evaluate(inputs));
    let lines = first.explain(inputs).unwrap_or_default();
    match (&result, &again) {
        (Ok(result), Ok(again)) => {
            assert_eq!(result, again, "{text:?}");
            let all = [Some(result.value), result.effort, result.overall];
            assert!(
                all.iter().flatten().all(|number| number.is_finite()),
                "{text:?}"
            );
            assert_eq!(lines.len(), result.lines.len(), "{text:?}");
            for (line, explained) in result.lines.iter().zip(&lines) {
                assert!(line.value.is_finite(), "{text:?}");
                assert_eq!(explained.result.as_ref(), Ok(&line.value), "{text:?}");
            }
        }
        (Err(error), Err(again)) => {
            // Columns may differ by what normalisation took off a line.
            assert_eq!(error.to_string(), again.to_string(), "{text:?}");
            let failed = lines.iter().find_map(|line| line.result.as_ref().err());
            assert_eq!(
                failed.map(ToString::to_string),
                Some(error.to_string()),
                "{text:?}"
            );
        }
        _ => panic!("{text:?} gives {result:?} and then {again:?}"),
    }
}
