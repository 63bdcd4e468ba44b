//! The language as a whole: golden values, every fault with its place, and what holds for any text.

use super::{texts::Random, *};
use std::fmt::Write;

fn parsed(text: &str) -> Formula {
    Formula::parse(text).unwrap_or_else(|errors| panic!("{text:?}: {errors:?}"))
}

fn evaluated(text: &str, inputs: &[(&str, f64)]) -> Result<Evaluation, EvaluationError> {
    let formula = parsed(text);
    let inputs: Vec<f64> = formula
        .identifiers()
        .iter()
        .map(|wanted| {
            inputs
                .iter()
                .find(|(name, _)| *name == wanted.name)
                .unwrap()
                .1
        })
        .collect();
    formula.evaluate(&inputs)
}

fn names(formula: &Formula) -> Vec<&str> {
    formula
        .identifiers()
        .iter()
        .map(|identifier| identifier.name.as_str())
        .collect()
}

const SEED: &str = "value = uplift_conv * baseline_conv * monthly_sessions * aov * margin * horizon_months - infra_cost";

#[test]
fn golden_values_come_out() {
    let seed = [
        ("uplift_conv", 0.02),
        ("baseline_conv", 0.04),
        ("monthly_sessions", 500_000.0),
        ("aov", 45.0),
        ("margin", 0.3),
        ("horizon_months", 12.0),
        ("infra_cost", 5000.0),
    ];
    let tickets = [
        ("ticket_reduction_per_month", 2000.0),
        ("cost_per_ticket", 5.0),
        ("horizon_months", 12.0),
    ];
    let tickets_text = "value = ticket_reduction_per_month * cost_per_ticket * horizon_months";
    for (text, inputs, expected) in [
        (SEED, &seed[..], 59_800.0),
        (
            "value = sessions * 0.05 * 100",
            &[("sessions", 10_000.0)],
            50_000.0,
        ),
        (tickets_text, &tickets, 120_000.0),
    ] {
        let value = evaluated(text, inputs).unwrap().value;
        assert!(
            (value - expected).abs() <= expected * 1e-12,
            "{text}: {value}"
        );
    }
    let rice = evaluated(
        "value = reach * impact * confidence\noverall = value / effort",
        &[
            ("reach", 1e5),
            ("impact", 3.0),
            ("confidence", 0.7),
            ("effort", 20.0),
        ],
    );
    let rice = rice.unwrap();
    assert!((rice.value - 210_000.0).abs() < 1e-6);
    assert!((rice.overall.unwrap() - 10_500.0).abs() < 1e-8);
    assert_eq!(rice.effort, Some(20.0));
}

#[test]
fn expressions_mean_what_people_expect() {
    let inputs = [("a", 7.0), ("b", 2.0), ("zero", 0.0), ("half", 0.5)];
    for (text, expected) in [
        ("a + b * 3", 13.0),
        ("(a + b) * 3", 27.0),
        ("a - b - 1", 4.0),
        ("a / b / 2", 1.75),
        ("-a + b", -5.0),
        ("--a", 7.0),
        ("a - -b", 9.0),
        ("-a * -b", 14.0),
        ("a ^ b", 49.0),
        ("2 * b ^ 3 + 1", 17.0),
        ("a - b ^ 2", 3.0),
        ("a ^ -1 * 7", 1.0),
        ("(-b) ^ 2", 4.0),
        ("-(b ^ 2)", -4.0),
        ("(2 ^ 3) ^ 2", 64.0),
        ("2 ^ (3 ^ 2)", 512.0),
        ("5% * 100", 5.0),
        ("100 + 10%", 100.1),
        ("10% + a", 7.1),
        ("= a + b", 9.0),
        ("a × b · 2 ÷ 4 − 1", 6.0),
        (".5 + 1_000", 1000.5),
        ("1.5e3", 1500.0),
        ("min(a, b, 5)", 2.0),
        ("max(a,b)", 7.0),
        ("max(1, 500, a)", 500.0),
        ("clamp(a,100,200)", 100.0),
        ("clamp(a, 0, 5)", 5.0),
        ("clamp(a, 0, 10)", 7.0),
        ("abs(b - a)", 5.0),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -3.0),
        ("round(a / 3, 2)", 2.33),
        ("round(1234, -2)", 1200.0),
        ("floor(-0.5)", -1.0),
        ("ceil(0.1)", 1.0),
        ("sqrt(49)", 7.0),
        ("exp(0)", 1.0),
        ("ln(1)", 0.0),
        ("log10(1000)", 3.0),
        ("pv(0, 12, 100)", -1200.0),
        ("fv(0, 12, 100)", -1200.0),
        ("npv(0, 1, 2, 3)", 6.0),
        ("npv(100%, 2, 4)", 2.0),
        ("if(a > b, 1, 2)", 1.0),
        ("if(a < b, 1, 2)", 2.0),
        ("if(a = 7, 1, 2)", 1.0),
        ("if(a == 7, 1, 2)", 1.0),
        ("if(a <> 7, 1, 2)", 2.0),
        ("if(a != 7, 1, 2)", 2.0),
        ("if(a >= 7, if(b <= 1, 1, 2), 3)", 2.0),
        ("if(and(a > 1, b > 1), 1, 2)", 1.0),
        ("if(or(a > 9, b > 9), 1, 2)", 2.0),
        ("if(not(a > 9), 1, 2)", 1.0),
        ("if((a > 9), 1, 2)", 2.0),
        ("if(and(not(a > 9), or((b = 2), a = 1)), 1, 2)", 1.0),
        ("if(a + b * 2 > b ^ 3, 1, 2)", 1.0),
        ("if(zero > 0, a / zero, 0)", 0.0),
        ("if(zero = 0, a, ln(zero))", 7.0),
        ("1 + if(\n  a > 1, # large\n  10,\n  20\n) * 2", 21.0),
        ("zero * -1", 0.0),
        ("4 ^ half", 2.0),
    ] {
        let value = evaluated(text, &inputs).unwrap().value;
        assert!(
            (value - expected).abs() <= expected.abs() * 1e-15,
            "{text}: {value}"
        );
        assert!(
            value != 0.0 || value.is_sign_positive(),
            "{text}: minus zero"
        );
    }
}

#[test]
fn finance_agrees_with_sheets() {
    for (text, sheets) in [
        ("pv(5%, 10, 100)", -772.173_492_918_481_3),
        ("fv(5%, 10, 100)", -1_257.789_253_554_883),
        ("npv(10%, -10000, 3000, 4200, 6800)", 1_188.443_412_335_223),
        // Arguments as in the sheet's own help, figures from its definitions in 40 digits.
        ("pv(2, 12, 100)", -49.999_905_916_178_84),
        ("fv(2, 12, 100)", -26_572_000.0),
        ("npv(0.08, 200, 250, 300)", 637.669_562_566_681_9),
        // What is paid comes back with the other sign; a rate of nothing only adds up.
        ("pv(5%, 10, -100)", 772.173_492_918_481_3),
        ("fv(0.5%, 24, -200)", 5_086.391_048_215_553),
        ("pv(0, 10, 100)", -1000.0),
        ("npv(0, -1000, 400, 700)", 100.0),
        // A rate below 0, and one below -100 % with whole periods.
        ("fv(-10%, 2, 100)", -190.0),
        ("pv(-150%, 2, 100)", -200.0),
    ] {
        let value = evaluated(text, &[]).unwrap().value;
        assert!(
            (value - sheets).abs() <= sheets.abs() * 1e-12,
            "{text}: {value}"
        );
    }
}

#[test]
fn a_script_has_lines_comments_and_outputs() {
    let text = "# Orders\norders = visits * rate # per month\n\nvalue = (orders\n  * margin) - cost\r\neffort = 3 + 4\noverall = value / effort";
    let formula = parsed(text);
    assert_eq!(names(&formula), ["visits", "rate", "margin", "cost"]);
    let places: Vec<_> = formula
        .identifiers()
        .iter()
        .map(|i| (i.line, i.column))
        .collect();
    assert_eq!(places, [(2, 10), (2, 19), (5, 5), (5, 15)]);
    assert_eq!(formula.intermediates().collect::<Vec<_>>(), ["orders"]);
    assert_eq!(
        formula.outputs(),
        Outputs {
            value: true,
            effort: true,
            overall: true
        }
    );
    assert!(!formula.effort_is_param());
    assert!(formula.warnings().is_empty());
    let result = formula.evaluate(&[100.0, 0.5, 3.0, 10.0]).unwrap();
    let lines: Vec<_> = result
        .lines
        .iter()
        .map(|line| (line.line, line.name.as_str(), line.value))
        .collect();
    let expected = [
        (2, "orders", 50.0),
        (4, "value", 140.0),
        (6, "effort", 7.0),
        (7, "overall", 20.0),
    ];
    assert_eq!(lines, expected);
    assert_eq!(result.lines[0].source, "orders = visits * rate");
    assert_eq!(
        result.lines[1].source,
        "value = (orders\n  * margin) - cost"
    );
    assert_eq!(
        (result.value, result.effort, result.overall),
        (140.0, Some(7.0), Some(20.0))
    );
}

#[test]
fn effort_that_is_read_and_never_assigned_is_a_parameter_and_the_output() {
    let formula = parsed("a / effort");
    assert!(formula.effort_is_param());
    assert_eq!(
        formula.outputs(),
        Outputs {
            value: true,
            effort: false,
            overall: false
        }
    );
    let result = formula.evaluate(&[10.0, 4.0]).unwrap();
    assert_eq!(
        (result.value, result.effort, result.overall),
        (2.5, Some(4.0), None)
    );
    assert_eq!(parsed("a").evaluate(&[1.0]).unwrap().effort, None);
}

/// What is typed; line, column and length of the first fault; its code.
type Fault = (&'static str, (u32, u32, u32), &'static str);

#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    ("", (1, 1, 0), "empty"),
    (" \n\t# only a note\n", (1, 1, 0), "empty"),
    // The script.
    ("x = a\ny = x", (2, 1, 1), "missing_value"),
    ("valeu = a", (1, 1, 5), "missing_value"),
    ("Value = a", (1, 1, 5), "missing_value"),
    ("x = a\nx * 2", (2, 1, 1), "missing_name"),
    ("value = a\n+ b", (2, 1, 1), "line_continues"),
    ("value = a +\nb", (1, 11, 1), "missing_operand"),
    ("value =", (1, 7, 1), "missing_expression"),
    ("value = a\nb * c = 2", (2, 1, 5), "bad_target"),
    ("2 = a", (1, 1, 1), "bad_target"),
    ("value = a\n= 2", (2, 1, 1), "bad_target"),
    ("value == a", (1, 7, 2), "compare_as_assignment"),
    ("value = a = b", (1, 11, 1), "second_equals"),
    ("value = (a + b\nx = 3", (1, 9, 1), "unclosed_parenthesis"),
    ("value = (a + b\nx = 3)", (2, 1, 1), "assignment_inside_parentheses"),
    ("monthly sales = 3\nvalue = 2", (1, 1, 13), "name_with_spaces"),
    // Names.
    ("value = 1\nvalue = 2", (2, 1, 5), "assigned_twice"),
    ("value = value + 1", (1, 9, 5), "reads_itself"),
    ("value * 2", (1, 1, 5), "reads_itself"),
    ("value = x\nx = 2", (1, 9, 1), "read_before_assignment"),
    ("value = effort\neffort = 2", (1, 9, 6), "read_before_assignment"),
    ("value = overall", (1, 9, 7), "output_as_parameter"),
    ("x = value\neffort = 1\nvalue = x", (1, 5, 5), "read_before_assignment"),
    ("value = 2 * pi", (1, 13, 2), "reserved_word"),
    ("e = 2\nvalue = 1", (1, 1, 1), "reserved_word"),
    ("value = if", (1, 9, 2), "reserved_word"),
    ("value = max * 2", (1, 9, 3), "function_as_name"),
    ("min = 2\nvalue = 1", (1, 1, 3), "function_as_name"),
    ("value = größe * 2", (1, 9, 5), "name_characters"),
    // Functions.
    ("value = mx(a, b)", (1, 9, 2), "unknown_function"),
    ("value = MAX(a, b)", (1, 9, 3), "unknown_function"),
    ("value = SUM(a, b)", (1, 9, 3), "unknown_function"),
    ("value = revenue(a)", (1, 9, 7), "unknown_function"),
    ("value = IF(A1>3;1;2)", (1, 16, 1), "semicolon"),
    ("value = IF(A1>3,1,2)", (1, 9, 2), "unknown_function"),
    ("value = max(a)", (1, 9, 6), "argument_count"),
    ("value = max()", (1, 9, 5), "argument_count"),
    ("value = clamp(a, 1)", (1, 9, 11), "argument_count"),
    ("value = max(a, , b)", (1, 16, 1), "missing_argument"),
    ("value = max(a, b, )", (1, 17, 1), "missing_argument"),
    // Expressions.
    ("value = a * * b", (1, 13, 1), "missing_operand"),
    ("value = * a", (1, 9, 1), "missing_operand"),
    ("value = a -", (1, 11, 1), "missing_operand"),
    ("value = (a + )", (1, 12, 1), "missing_operand"),
    ("value = +a", (1, 9, 1), "unary_plus"),
    ("value = a * +b", (1, 13, 1), "unary_plus"),
    ("value = a b", (1, 11, 1), "missing_operator"),
    ("value = 2 (a)", (1, 11, 1), "missing_operator"),
    ("value = (a)(b)", (1, 12, 1), "missing_operator"),
    ("value = if(a > 1 and b > 2, 1, 2)", (1, 18, 3), "infix_condition"),
    ("value = if(a and b, 1, 2)", (1, 14, 3), "infix_condition"),
    ("value = (a + b", (1, 9, 1), "unclosed_parenthesis"),
    ("value = max(a, (b + c)", (1, 12, 1), "unclosed_parenthesis"),
    ("value = a + b)", (1, 14, 1), "unopened_parenthesis"),
    ("value = a + ()", (1, 13, 2), "empty_parentheses"),
    ("value = a, b", (1, 10, 1), "stray_comma"),
    ("value = (a, b)", (1, 11, 1), "stray_comma"),
    ("value = a^b^c", (1, 12, 1), "power_chain"),
    ("value = a^-b^c", (1, 13, 1), "power_chain"),
    ("value = -a^b", (1, 9, 3), "minus_before_power"),
    ("value = 2 * -a^b", (1, 13, 3), "minus_before_power"),
    ("value = a > b", (1, 11, 1), "comparison_outside_condition"),
    ("value = max(a = b, 1)", (1, 15, 1), "comparison_outside_condition"),
    ("value = if(a < b < c, 1, 2)", (1, 18, 1), "comparison_chain"),
    ("value = if(a >, 1, 2)", (1, 14, 1), "missing_operand"),
    ("value = if(a, 1, 2)", (1, 12, 1), "condition_expected"),
    ("value = if(true, 1, 2)", (1, 12, 4), "condition_expected"),
    ("value = and(a > 1, b > 2)", (1, 9, 3), "condition_as_number"),
    // Numbers.
    ("value = 1e999", (1, 9, 5), "number_too_large"),
    ("value = 1.2.3", (1, 9, 5), "bad_number"),
    ("value = 1. + 2", (1, 9, 2), "bad_number"),
    ("value = 1,000", (1, 9, 5), "comma_in_number"),
    ("value = 1,5 * a", (1, 9, 3), "comma_in_number"),
    ("value = 1,000,000 * a", (1, 9, 9), "comma_in_number"),
    ("value = max(1,000,000, a)", (1, 13, 9), "comma_in_number"),
    ("value = 1 000 000", (1, 9, 9), "space_in_number"),
    ("value = uplift.conv", (1, 15, 1), "other_spelling"),
    ("value = max(1,500, a)", (1, 13, 5), "comma_in_number"),
    ("value = clamp(a,1,000)", (1, 17, 5), "comma_in_number"),
    ("value = 1 000", (1, 9, 5), "space_in_number"),
    ("value = 5k", (1, 9, 2), "number_suffix"),
    ("value = 2a", (1, 9, 2), "number_then_name"),
    ("value = a%", (1, 10, 1), "stray_percent"),
    ("value = 5%%", (1, 11, 1), "stray_percent"),
    ("value = a % b", (1, 11, 1), "stray_percent"),
    ("value = 10 % 3", (1, 9, 6), "no_remainder"),
    // What people type elsewhere.
    ("value = a // b", (1, 11, 2), "double_slash"),
    ("value = a ** b", (1, 11, 2), "double_star"),
    ("value = a x b", (1, 11, 1), "letter_as_times"),
    ("value = 2 x 3", (1, 11, 1), "letter_as_times"),
    ("value = £5 * a", (1, 9, 1), "currency_sign"),
    ("value = “a” * 2", (1, 9, 3), "quotation_mark"),
    ("value = 'a' * 2", (1, 9, 3), "quotation_mark"),
    ("value = SUM(A1:B3)", (1, 15, 1), "cell_range"),
    ("value = a && b", (1, 11, 2), "other_spelling"),
    ("value = a²", (1, 10, 1), "other_spelling"),
    ("value = [a]", (1, 9, 1), "other_spelling"),
    ("value = if(a ≤ b, 1, 2)", (1, 14, 1), "other_spelling"),
    ("value := a", (1, 7, 2), "other_spelling"),
    ("value = if(a => b, 1, 2)", (1, 14, 2), "other_spelling"),
    ("value = a ? b", (1, 11, 1), "unexpected_character"),
    ("value = a\u{200b}", (1, 10, 1), "unexpected_character"),
    // Places are those of what was typed.
    ("= a b", (1, 5, 1), "missing_operator"),
    ("\u{feff}value = a b", (1, 12, 1), "missing_operator"),
    ("x = ä × 2\r\nvalue = a b", (1, 5, 1), "name_characters"),
    ("x = 1\r\nvalue = a × × b", (2, 13, 1), "missing_operand"),
];

fn assert_fault(text: &str, place: (u32, u32, u32), code: &str) {
    let errors = Formula::parse(text).expect_err(text);
    let first = &errors[0];
    let found = ((first.line, first.column, first.length), first.code);
    assert_eq!(found, (place, code), "{text:?}: {errors:#?}");
    assert!(first.message().ends_with('.'), "{}", first.message());
}

#[test]
fn every_fault_has_its_place_and_code() {
    for (text, place, code) in FAULTS {
        assert_fault(text, *place, code);
    }
}

#[test]
fn every_limit_is_a_fault_at_the_place_that_goes_beyond() {
    let deep = format!("value = {}a{}", "(".repeat(33), ")".repeat(33));
    let long_name = "a".repeat(65);
    let many_lines = (0..51).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "a{n} = 1");
        text
    });
    let many_tokens = format!("value = {}1", "1+".repeat(256));
    for (text, place, code) in [
        (&"a".repeat(8193), (1, 1, 0), "text_too_long"),
        (&many_lines, (51, 1, 3), "too_many_lines"),
        (&many_tokens, (1, 9, 1), "expression_too_long"),
        (&deep, (1, 41, 1), "nested_too_deeply"),
        (&long_name, (1, 1, 65), "name_too_long"),
    ] {
        assert_fault(text, place, code);
    }
}

#[test]
fn what_is_exactly_at_a_limit_is_fine() {
    let lines = (1..50).fold("value = 1".to_owned(), |mut text, n| {
        let _ = write!(text, "\na{n} = value");
        text
    });
    for text in [
        format!("value = 1 #{}", " ".repeat(MOST_BYTES - 11)),
        lines,
        // 512 tokens, the last one a name.
        format!("value = -{}1", "1+".repeat(255)),
        format!("value = {}a{}", "(".repeat(32), ")".repeat(32)),
        format!("value = {}a{}", "abs(".repeat(32), ")".repeat(32)),
        format!("value = {}", "a".repeat(64)),
    ] {
        parsed(&text);
    }
}

#[test]
fn each_line_is_explained_by_its_value_or_by_the_operation_that_failed() {
    let text = "\u{feff}= 2"; // what stands before the first line shifts no later one
    assert_eq!(parsed(text).explain(&[]).unwrap()[0].result, Ok(2.0));
    let text = "orders = visits × rate\nshare = (orders + 1) ÷\u{a0}(rate - rate)\nkept = share * 2\nvalue = if(rate > 9, kept, orders)";
    let formula = parsed(text);
    let lines = formula.explain(&[200.0, 0.5]).unwrap();
    let values: Vec<_> = lines
        .iter()
        .map(|line| (line.line, line.name.as_str(), line.result.clone().ok()))
        .collect();
    let expected = [
        (1, "orders", Some(100.0)),
        (2, "share", None),
        (3, "kept", None),
        (4, "value", Some(100.0)),
    ];
    assert_eq!(values, expected);
    let error = lines[1].result.clone().unwrap_err();
    // The line that only takes the failure over blames the same operation.
    assert_eq!(lines[2].result.clone().unwrap_err(), error);
    assert_eq!((error.line, error.column, error.length), (2, 9, 28));
    assert_eq!(
        (error.operation, &error.operands[..]),
        ("/", &[101.0, 0.0][..])
    );
    assert_eq!(error.kind, EvaluationErrorKind::DivideByZero);
    assert_eq!(error.excerpt, "(orders + 1) / (rate - rate)");
    // A score needs every line.
    assert_eq!(formula.evaluate(&[200.0, 0.5]), Err(error));
    assert!(formula.explain(&[1.0]).is_err());
}

#[test]
fn a_failed_operation_stands_where_it_was_typed() {
    for (text, place) in [
        ("= 1 / b", (1, 3, 5)),
        ("\u{feff}value = 1 / b", (1, 10, 5)),
        ("value = 1 +\u{a0}1 ÷ b", (1, 13, 5)),
        ("x = 1\r\nvalue = max(\r\n  x,\r\n  1 / b)", (4, 3, 5)),
        ("value = (1 + (1 / b)) * 2", (1, 15, 5)),
        ("value = -(1 / b)", (1, 11, 5)),
        ("value = 2 / (\n  b)", (1, 9, 5)),
    ] {
        let error = evaluated(text, &[("b", 0.0)]).expect_err(text);
        assert_eq!((error.line, error.column, error.length), place, "{text:?}");
    }
}

#[test]
fn hints_name_the_way_out() {
    for (text, hint) in [
        ("value = a // b", "one `/` to divide, or `#` for a comment"),
        ("value = a ** 2", "`^` for a power"),
        ("value = 1,000", "write `1000`"),
        ("value = 1,5", "write `1.5`"),
        ("value = 1,000,000", "write `1000000`"),
        ("value = 1 000 000", "Write `1000000`"),
        ("value = if a > 3", "write `if(a > 0, b, c)`"),
        ("value = e ^ x", "write `exp(x)`"),
        (
            "value = max(1,500, a)",
            "put a space after the comma: `1, 500`",
        ),
        ("value = 5k", "Write `5000` for `5k`"),
        ("value = 1.2m", "Write `1200000` for `1.2m`"),
        ("value = 2a", "write `2 * a`"),
        ("value = £5", "Leave out the `£`"),
        ("value = a x b", "write `*` instead of `x`"),
        ("value = “a”", "quotation marks"),
        ("value = IF(A1>3;1;2)", "comma instead of `;`"),
        ("value = a b", "write `a * b`"),
        ("value = 2 (a + b)", "write `2 * (a + b)`"),
        ("value = mx(a, b)", "write `max(…)`"),
        ("value = AVERAGE(a, b)", "write `(a + b) / 2`"),
        ("value = revenue(a)", "write `revenue * (…)`"),
        ("value = -a^b", "`-(a^b)` or `(-a)^b`"),
        ("value = a^b^c", "`(a^b)^c` or `a^(b^c)`"),
        ("value = a > b", "`if(a > b, 1, 0)`"),
        ("value = if(a, 1, 2)", "such as `a > 0`"),
        ("Value = a", "rename `Value`"),
        ("value = x\nx = 2", "Move line 2 above this one"),
        ("value = 10 % 3", "no remainder operator"),
        ("value = a%", "`/ 100`"),
        ("monthly sales = 3\nvalue = 1", "`monthly_sales`"),
        ("value = clamp(a)", "needs 3 arguments, and this has 1"),
        ("value = 3 * pi", "There are no constants"),
        ("value = a²", "Write `^2` instead of `²`"),
        ("value = a\u{200b}", "An invisible character (U+200B)"),
    ] {
        let errors = Formula::parse(text).expect_err(text);
        let messages: Vec<String> = errors.iter().map(FormulaError::message).collect();
        assert!(
            messages.iter().any(|message| message.contains(hint)),
            "{text}: {messages:?}"
        );
    }
}

#[test]
fn all_faults_come_at_once_sorted_and_at_most_twenty() {
    let errors =
        Formula::parse("a = 1 +\nb = £2\nvalue = q + c)\nq = foo(1) + bar(2)").unwrap_err();
    let found: Vec<_> = errors
        .iter()
        .map(|error| (error.line, error.code))
        .collect();
    let expected = [
        (1, "missing_operand"),
        (2, "currency_sign"),
        (3, "unopened_parenthesis"),
        (4, "unknown_function"),
        (4, "unknown_function"),
    ];
    assert_eq!(found, expected);
    assert_eq!(Formula::parse(&"? ".repeat(4000)).unwrap_err().len(), 20);
}

#[test]
fn warnings_name_unused_lines_and_names_that_differ_only_in_case() {
    for (text, expected) in [
        (
            "saving = a\nvalue = savng * 2",
            vec![(1, 1, "unused_intermediate")],
        ),
        ("x = a\nvalue = b", vec![(1, 1, "unused_intermediate")]),
        ("value = Aov + aov", vec![(1, 15, "differ_only_in_case")]),
        ("x = a\nvalue = x\noverall = 2", vec![]),
    ] {
        let formula = parsed(text);
        let warnings = formula.warnings();
        let found: Vec<_> = warnings
            .iter()
            .map(|w| (w.line, w.column, w.code))
            .collect();
        assert_eq!(found, expected, "{text}");
    }
    let misread = parsed("saving = a\nvalue = savng * 2");
    assert!(misread.warnings()[0].message().contains("`savng`"));
}

#[test]
fn a_failed_operation_names_line_operation_and_values() {
    use EvaluationErrorKind::{DivideByZero, Domain, Overflow};
    let inputs = [("a", 5.0), ("b", 0.0), ("big", 1e300), ("low", -4.0)];
    for (text, line, operation, kind, part) in [
        (
            "x = a\nvalue = (x + 1) / b",
            2,
            "/",
            DivideByZero,
            "`(x + 1) / b` divides by zero (6 / 0)",
        ),
        ("value = b / b", 1, "/", DivideByZero, "(0 / 0)"),
        ("value = max(1, a / b)", 1, "/", DivideByZero, "`a / b`"),
        ("value = b ^ -1", 1, "^", DivideByZero, "(0 ^ -1)"),
        ("value = npv(-1, a)", 1, "/", DivideByZero, "`npv(-1, a)`"),
        (
            "value = pv(-1, a, 1)",
            1,
            "pv",
            DivideByZero,
            "pv(-1, 5, 1)",
        ),
        ("value = big * big", 1, "*", Overflow, "1e300 * 1e300"),
        ("value = exp(big)", 1, "exp", Overflow, "exp(1e300)"),
        (
            "value = ln(b)",
            1,
            "ln",
            Domain,
            "ln(0)): it needs a number above 0",
        ),
        ("value = log10(low)", 1, "log10", Domain, "log10(-4)"),
        ("value = sqrt(low)", 1, "sqrt", Domain, "it needs 0 or more"),
        ("value = low ^ 0.5", 1, "^", Domain, "-4 ^ 0.5"),
        (
            "value = clamp(a, 9, 3)",
            1,
            "clamp",
            Domain,
            "clamp(5, 9, 3)",
        ),
        (
            "value = if(a > 0, a / b, 1)",
            1,
            "/",
            DivideByZero,
            "`a / b`",
        ),
        (
            "value = if(and(a < 0, 1 / b > 0), 1, 2)",
            1,
            "/",
            DivideByZero,
            "`1 / b`",
        ),
        (
            "x = 1 / b\nvalue = if(b > 0, x, 1)",
            1,
            "/",
            DivideByZero,
            "Line 1",
        ),
    ] {
        let error = evaluated(text, &inputs).expect_err(text);
        assert_eq!(
            (error.line, error.operation, error.kind),
            (line, operation, kind),
            "{text}"
        );
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
}

#[test]
fn inputs_that_are_no_numbers_or_not_as_many_are_refused() {
    let formula = parsed("if(a > 0, 1, b)");
    for inputs in [
        &[1.0][..],
        &[1.0, 2.0, 3.0],
        &[f64::NAN, 1.0],
        &[1.0, f64::INFINITY],
    ] {
        assert!(formula.evaluate(inputs).is_err(), "{inputs:?}");
    }
}

#[test]
#[expect(
    clippy::disallowed_types,
    reason = "meval's own evaluation is the oracle here"
)]
fn meval_computes_the_same_bits_wherever_both_are_finite() {
    let mut random = Random(2);
    let mut compared = 0;
    for _ in 0..20_000 {
        let depth = 1 + random.below(5);
        let text = texts::expression(&mut random, depth);
        let values: Vec<(&str, f64)> = ["a", "b", "c"].map(|name| (name, random.number())).to_vec();
        let Ok(ours) = evaluated(&text, &values) else {
            continue;
        };
        let expression: meval::Expr = text.parse().unwrap();
        let context = values
            .iter()
            .fold(meval::Context::new(), |mut context, (name, value)| {
                context.var(*name, *value);
                context
            });
        let theirs = expression.eval_with_context(context).unwrap();
        // A line's result is never minus zero.
        assert_eq!(
            ours.value.to_bits(),
            (theirs + 0.0).to_bits(),
            "{text} with {values:?}"
        );
        compared += 1;
    }
    assert!(compared > 15_000, "{compared}");
}

#[test]
#[expect(
    clippy::disallowed_types,
    reason = "meval's own evaluation is the oracle here"
)]
fn functions_and_powers_agree_with_meval_within_two_units_in_the_last_place() {
    let mut random = Random(3);
    let mut compared = 0;
    for text in [
        "a ^ b",
        "sqrt(a)",
        "exp(b)",
        "ln(a)",
        "abs(b)",
        "floor(b)",
        "ceil(b)",
        "round(b)",
        "sqrt(a) * exp(b) - ln(a) / a ^ 2",
    ] {
        for _ in 0..2_000 {
            let (a, b) = (random.number().abs() + 1e-3, random.number() / 1e5);
            let ours = evaluated(text, &[("a", a), ("b", b)]);
            let theirs = meval::Expr::eval_with_context(
                &text.parse().unwrap(),
                ([("a", a), ("b", b)], meval::Context::new()),
            );
            let (Ok(ours), Ok(theirs)) = (ours, theirs) else {
                continue;
            };
            if theirs.is_finite() {
                let units = units_apart(ours.value, theirs + 0.0);
                assert!(
                    units <= 2,
                    "{text} with {a}, {b}: {} and {theirs}",
                    ours.value
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
}

/// How many numbers lie between two of the same sign, one of them included.
fn units_apart(a: f64, b: f64) -> u64 {
    a.to_bits().abs_diff(b.to_bits())
}

#[test]
fn notes_blanks_and_line_ends_change_neither_names_nor_results() {
    let mut random = Random(6);
    let mut with_results = 0;
    for _ in 0..4_000 {
        let lines = texts::script(&mut random);
        let plain: Vec<String> = lines.iter().map(|tokens| tokens.join(" ")).collect();
        let plain = parsed(&plain.join("\n"));
        let text = texts::laid_out(&lines, &mut random);
        let laid_out = parsed(&text);
        assert_eq!(names(&laid_out), names(&plain), "{text:?}");
        assert_eq!(laid_out.outputs(), plain.outputs(), "{text:?}");
        assert_eq!(
            laid_out.warnings().len(),
            plain.warnings().len(),
            "{text:?}"
        );
        let inputs: Vec<f64> = names(&plain).iter().map(|_| random.number()).collect();
        let bits = |formula: &Formula| {
            let lines = formula.explain(&inputs).unwrap();
            let result = |line: ExplainedLine| {
                line.result
                    .map(f64::to_bits)
                    .map_err(|error| (error.operation, error.kind))
            };
            lines.into_iter().map(result).collect::<Vec<_>>()
        };
        assert_eq!(bits(&laid_out), bits(&plain), "{text:?}");
        with_results += usize::from(plain.evaluate(&inputs).is_ok());
    }
    assert!(with_results > 1_500, "{with_results}");
}

#[test]
fn a_formula_printed_and_read_again_is_the_same_formula() {
    let mut random = Random(7);
    for _ in 0..2_000 {
        let lines = texts::script(&mut random);
        let typed = texts::laid_out(&lines, &mut random);
        let first = parsed(&typed);
        let second = parsed(first.text());
        assert_eq!(second.text(), first.text(), "{typed:?}");
        let ours = |formula: &Formula| -> Vec<(String, u32)> {
            formula
                .identifiers()
                .iter()
                .map(|i| (i.name.clone(), i.line))
                .collect()
        };
        assert_eq!(ours(&second), ours(&first), "{typed:?}");
        let written: Vec<&str> = first.intermediates().collect();
        assert_eq!(
            second.intermediates().collect::<Vec<_>>(),
            written,
            "{typed:?}"
        );
    }
}

#[test]
fn no_text_panics_and_every_formula_reads_back_as_itself() {
    let mut random = Random(4);
    let formulas = (0..60_000)
        .filter(|_| {
            let text = texts::any(&mut random);
            texts::holds(&text, &mut random)
        })
        .count();
    assert!(formulas > 10_000, "{formulas}");
}

#[test]
fn the_worst_texts_stay_within_the_limits_without_a_panic() {
    let mut random = Random(5);
    let mut formulas = 0;
    for (_, text) in worst::worst() {
        formulas += usize::from(texts::holds(&text, &mut random));
    }
    assert!(formulas > 10, "{formulas}");
}

/// The guide for people; every fenced example in it is a test.
const GUIDE: &str = include_str!("../../../docs/formula-language.md");

fn fenced(language: &str) -> Vec<String> {
    let mut examples = Vec::new();
    let mut lines = GUIDE.lines();
    while let Some(line) = lines.next() {
        if line == format!("```{language}") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            examples.push(body.join("\n"));
        }
    }
    examples
}

#[test]
fn every_formula_in_the_guide_parses_without_a_warning() {
    let examples = fenced("formula");
    assert!(examples.len() >= 10);
    for text in examples {
        assert!(parsed(&text).warnings().is_empty(), "{text}");
    }
}

#[test]
fn every_wrong_formula_in_the_guide_is_answered_as_it_says() {
    let examples = fenced("formula-error");
    assert!(examples.len() >= 10);
    for example in examples {
        let (text, answer) = example.rsplit_once('\n').unwrap();
        let error = &Formula::parse(text).expect_err(text)[0];
        let given = format!("# Line {}, column {}: {error}", error.line, error.column);
        assert_eq!(answer, given, "{text}");
    }
}

#[test]
fn the_guide_names_every_function_and_every_word() {
    for function in functions::Function::ALL {
        assert!(
            GUIDE.contains(&format!("`{}", function.usage())),
            "{}",
            function.usage()
        );
    }
}
