//! What can be wrong with a formula's text, as sentences that name the way out.
//!
//! Knows kinds, codes and wording; must not know how a fault is found. Codes are stable: logs, tests
//! and the command line rely on them.

use thiserror::Error;

/// Defines the kinds with their codes side by side, so that none can lack a code.
macro_rules! kinds {
    ($($(#[$attribute:meta])* $code:literal $name:ident $({ $($(#[$note:meta])* $field:ident: $type:ty),* $(,)? })?;)*) => {
        /// What is wrong with a formula's text.
        #[derive(Clone, Debug, PartialEq, Error)]
        pub enum FormulaErrorKind {
            $($(#[$attribute])* $name $({ $($(#[$note])* $field: $type),* })?,)*
        }

        impl FormulaErrorKind {
            /// Stable name of the kind, in `snake_case`.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$name $({ $($field: _),* })? => $code,)*
                }
            }
        }
    };
}

kinds! {
    // Limits.
    /// More text than a formula may have.
    #[error("A formula may have {most} bytes of text, and this one has {bytes}. Shorten it, or split the model.")]
    "text_too_long" TextTooLong { /** What it has. */ bytes: usize, /** What it may have. */ most: usize };
    /// More assignments than a formula may have.
    #[error("A formula may have {most} lines that assign a name, and this is one more. Join some lines.")]
    "too_many_lines" TooManyLines { /** What it may have. */ most: usize };
    /// One expression with more tokens than allowed.
    #[error("This expression has {tokens} parts, and {most} are allowed. Give a part of it a name on a line above.")]
    "expression_too_long" ExpressionTooLong { /** What it has. */ tokens: usize, /** What it may have. */ most: usize };
    /// Parentheses in parentheses, too many.
    #[error("Parentheses may be nested {most} deep, and this is one more. Give the inner part a name on a line above.")]
    "nested_too_deeply" NestedTooDeeply { /** What is allowed. */ most: usize };
    /// A name with too many characters.
    #[error("A name may have {most} characters, and this one has {characters}. Choose a shorter one.")]
    "name_too_long" NameTooLong { /** What it has. */ characters: usize, /** What it may have. */ most: usize };

    // The script.
    /// No expression at all.
    #[error("There is no formula yet. Write an expression, such as `value = orders * margin`.")]
    "empty" Empty;
    /// Nothing is assigned to `value`.
    #[error("The formula never says what `value` is. Add a line `value = …`{}.", renamed(rename.as_deref()))]
    "missing_value" MissingValue { /** An assigned name that looks like it. */ rename: Option<String> };
    /// One of several lines has no `name =`.
    #[error("This line gives its result no name. Start it with one, such as `value = …`.")]
    "missing_name" MissingName;
    /// A line starts with an operator.
    #[error("A line can't start with `{operator}`. An expression goes on over lines only inside parentheses: put `(` before its first part and `)` after its last.")]
    "line_continues" LineContinues { /** As written. */ operator: String };
    /// Nothing stands right of `=`.
    #[error("Nothing follows the `=`. Write what `{name}` is.")]
    "missing_expression" MissingExpression { /** What is assigned. */ name: String };
    /// What stands left of `=` is no name.
    #[error("Only one name can stand before `=`, such as `{example} = …`.")]
    "bad_target" BadTarget { /** A name to take. */ example: String };
    /// `==` where a name is given its value.
    #[error("`==` compares. To say what `{name}` is, write `{name} = …`.")]
    "compare_as_assignment" CompareAsAssignment { /** The name before it. */ name: String };
    /// Two `=` on one line.
    #[error("There is a second `=` on this line. Give each name a line of its own; to compare, write `if(a = b, …, …)`.")]
    "second_equals" SecondEquals;
    /// A line `name = …` inside parentheses that are still open.
    #[error("`{name} = …` starts here while the `(` at line {open_line}, column {open_column} is still open. Close it first.")]
    "assignment_inside_parentheses" AssignmentInside {
        /** What is assigned. */ name: String,
        /** Where the parenthesis stands. */ open_line: u32,
        /** Where the parenthesis stands. */ open_column: u32,
    };

    // Names.
    /// A name is assigned on two lines.
    #[error("`{name}` already has its expression on line {first_line}. Choose another name for this line.")]
    "assigned_twice" AssignedTwice { /** Which. */ name: String, /** Where it is assigned first. */ first_line: u32 };
    /// A name is read on the line that assigns it.
    #[error("`{name}` can't be used to work out `{name}` itself. Use another name here or before the `=`.")]
    "reads_itself" ReadsItself { /** Which. */ name: String };
    /// A name is read above the line that assigns it.
    #[error("`{name}` is used here, and line {assigned_line} is the first to say what it is. Move line {assigned_line} above this one.")]
    "read_before_assignment" ReadBeforeAssignment { /** Which. */ name: String, /** Where it is assigned. */ assigned_line: u32 };
    /// `value` or `overall` is read and never assigned.
    #[error("`{name}` is a result of the formula and can't be filled in as a parameter. Use another name, or say what it is on a line above.")]
    "output_as_parameter" OutputAsParameter { /** Which. */ name: String };
    /// A reserved word stands for a name.
    #[error("`{word}` is a word of the formula language and can't be a name. {}", instead_of_word(word))]
    "reserved_word" ReservedWord { /** Which. */ word: String };
    /// A function's name stands for a name.
    #[error("`{name}` is a function and can't be a name. Write `{name}(…)` to use it, or choose a name such as `{name}_value`.")]
    "function_as_name" FunctionAsName { /** Which. */ name: String };
    /// A name with characters beyond a–z, digits and underscore.
    #[error("A name has letters a to z, digits and `_` only. Write `{name}` without {characters}.")]
    "name_characters" NameCharacters { /** As written. */ name: String, /** The characters to leave out. */ characters: String };
    /// Words with spaces between them before `=`.
    #[error("A name can't have spaces. Write `{joined}`.")]
    "name_with_spaces" NameWithSpaces { /** With underscores. */ joined: String };

    // Functions.
    /// A call of something that isn't a function.
    #[error("`{name}` is not a function{}.", instead(advice.as_deref(), name))]
    "unknown_function" UnknownFunction { /** As written. */ name: String, /** What to write. */ advice: Option<String> };
    /// Too few or too many arguments.
    #[error("`{usage}` needs {expected}, and this has {found}.{}", thousands(*comma))]
    "argument_count" ArgumentCount {
        /** How it is written. */ usage: &'static str,
        /** How many it needs, in words. */ expected: String,
        /** How many it has. */ found: usize,
        /** A `1,000` may have split one number. */ comma: bool,
    };
    /// Nothing stands between two commas or a comma and a parenthesis.
    #[error("An argument of `{function}` is missing here. Fill it in, or take the comma out.")]
    "missing_argument" MissingArgument { /** Of which function. */ function: String };

    // Expressions.
    /// An operator has nothing on one side.
    #[error("Something is missing {side} `{operator}`. Add a number or a name, or take the `{operator}` out.")]
    "missing_operand" MissingOperand { /** "before" or "after". */ side: &'static str, /** As written. */ operator: String };
    /// A `+` in front of a number.
    #[error("A `+` needs something before it. Leave it out: a number without a sign is positive.")]
    "unary_plus" UnaryPlus;
    /// Two operands side by side.
    #[error("An operator is missing between `{left}` and `{right}`. To multiply, write `{left} * {right}`.")]
    "missing_operator" MissingOperator { /** As written. */ left: String, /** As written. */ right: String };
    /// `a and b`.
    #[error("`{word}` stands before its conditions: write `{word}(a > 0, b > 0)`.")]
    "infix_condition" InfixCondition { /** `and` or `or`. */ word: String };
    /// An opening parenthesis is never closed.
    #[error("This `(` is never closed. Add the `)` where its part ends.")]
    "unclosed_parenthesis" UnclosedParenthesis;
    /// A closing parenthesis that nothing opened.
    #[error("This `)` has no `(` before it. Take it out, or add the `(`.")]
    "unopened_parenthesis" UnopenedParenthesis;
    /// `()`.
    #[error("There is nothing between these parentheses. Write an expression in them, or take them out.")]
    "empty_parentheses" EmptyParentheses;
    /// A comma outside a function's arguments.
    #[error("A comma only separates the arguments of a function. Take it out.")]
    "stray_comma" StrayComma;
    /// `a^b^c`.
    #[error("`^` twice in a row can be read in two ways. Write `{left_first}` or `{right_first}`.")]
    "power_chain" PowerChain { /** One reading. */ left_first: String, /** The other. */ right_first: String };
    /// `-a^b`.
    #[error("`-` before a power can be read in two ways. Write `{minus_last}` or `{minus_first}` (as a sheet reads it).")]
    "minus_before_power" MinusBeforePower { /** One reading. */ minus_last: String, /** The other. */ minus_first: String };
    /// A comparison where a number is due.
    #[error("A comparison can only be a condition. For a number, write `if({comparison}, 1, 0)`.")]
    "comparison_outside_condition" ComparisonOutside { /** As written. */ comparison: String };
    /// `a < b < c`.
    #[error("Only two things can be compared at a time. Write `and(a < b, b < c)`.")]
    "comparison_chain" ComparisonChain;
    /// A number where a condition is due.
    #[error("`{function}` needs a condition here, such as `{written} > 0`.")]
    "condition_expected" ConditionExpected { /** Of which function. */ function: String, /** As written. */ written: String };
    /// `and(…)` where a number is due.
    #[error("`{function}(…)` is a condition, not a number. Write `if({function}(…), 1, 0)`.")]
    "condition_as_number" ConditionAsNumber { /** Which. */ function: String };

    // Numbers.
    /// A literal beyond what can be computed with.
    #[error("`{written}` is too large a number.")]
    "number_too_large" NumberTooLarge { /** As written. */ written: String };
    /// `1.2.3`, `1.`, `1__0`.
    #[error("`{written}` is not a number. Write it like 1200, 1_200, 0.5 or 1.2e6.")]
    "bad_number" BadNumber { /** As written. */ written: String };
    /// `1,000` or `1,5`.
    #[error("Is `{written}` one number? Then write `{joined}`.{}", two_arguments(separated.as_deref()))]
    "comma_in_number" CommaInNumber {
        /** As written. */ written: String,
        /** As one number. */ joined: String,
        /** As two arguments, where it stands in a function. */ separated: Option<String>,
    };
    /// `1 000`.
    #[error("A number can't have spaces. Write `{joined}`.")]
    "space_in_number" SpaceInNumber { /** As one number. */ joined: String };
    /// `5k`.
    #[error("Write `{meant}` for `{written}`: a formula's numbers have no letters after them.")]
    "number_suffix" NumberSuffix { /** As written. */ written: String, /** In digits. */ meant: String };
    /// `2a`.
    #[error("`{written}` is not a name, since it starts with a digit. To multiply, write `{multiplied}`.")]
    "number_then_name" NumberThenName { /** As written. */ written: String, /** As a product. */ multiplied: String };
    /// `%` after something that is no number.
    #[error("`%` can only stand after a number, as in 5%. For anything else, write `/ 100`.")]
    "stray_percent" StrayPercent;
    /// `10 % 3`.
    #[error("`%` means per cent (5% is 0.05); there is no remainder operator. For a share of something, write `*` after the `%`.")]
    "no_remainder" NoRemainder;

    // What people type elsewhere.
    /// `//`.
    #[error("Write one `/` to divide, or `#` for a comment.")]
    "double_slash" DoubleSlash;
    /// `**`.
    #[error("Write one `*` to multiply, or `^` for a power.")]
    "double_star" DoubleStar;
    /// `x` between two operands.
    #[error("To multiply, write `*` instead of `{letter}`.")]
    "letter_as_times" LetterAsTimes { /** `x` or `X`. */ letter: String };
    /// `£` and its like.
    #[error("Leave out the `{sign}`: a formula has plain numbers. The model's unit says what they are.")]
    "currency_sign" CurrencySign { /** As written. */ sign: char };
    /// Any quotation mark.
    #[error("A formula has no text in quotes, only numbers and names. Take the quotation marks out.")]
    "quotation_mark" QuotationMark;
    /// `;`.
    #[error("Separate arguments with a comma instead of `;`, and lines by a new line.")]
    "semicolon" Semicolon;
    /// `A1:B3`.
    #[error("`:` means nothing in a formula: there are no cells or ranges. Write each name, as in `a + b`; to say what a name is, write `=`.")]
    "cell_range" CellRange;
    /// A character or pair that has a plain spelling here.
    #[error("Write {write} instead of `{written}`.")]
    "other_spelling" OtherSpelling { /** As written. */ written: String, /** What to write. */ write: &'static str };
    /// A character without meaning in a formula.
    #[error("{} means nothing in a formula. Take it out.", shown(*character))]
    "unexpected_character" UnexpectedCharacter { /** Which. */ character: char };
    /// A checked expression was refused by what orders its operations. A fault of ours.
    #[error("This expression could not be understood. Write it in a simpler way, in several lines.")]
    "not_understood" NotUnderstood;
}

fn renamed(rename: Option<&str>) -> String {
    rename.map_or_else(String::new, |name| format!(", or rename `{name}`"))
}

fn instead_of_word(word: &str) -> String {
    match word {
        "if" => "For a condition, write `if(a > 0, b, c)`.".to_owned(),
        "and" | "or" => format!("For conditions, write `{word}(a > 0, b > 0)`."),
        "not" => "For a condition, write `not(a > 0)`.".to_owned(),
        "e" => "There are no constants; for powers of e, write `exp(x)`.".to_owned(),
        "pi" => "There are no constants: write the number.".to_owned(),
        _ => format!("Choose a longer name, such as `{word}_value`."),
    }
}

fn instead(advice: Option<&str>, name: &str) -> String {
    match advice {
        Some(advice) => format!(": {advice}"),
        None => format!(". To multiply, write `{name} * (…)`"),
    }
}

fn thousands(is_likely: bool) -> &'static str {
    if is_likely {
        " A comma inside a number splits it: write 1000, not 1,000."
    } else {
        ""
    }
}

fn two_arguments(separated: Option<&str>) -> String {
    separated.map_or_else(
        || " A comma only separates the arguments of a function.".to_owned(),
        |two| format!(" For two arguments, put a space after the comma: `{two}`."),
    )
}

fn shown(character: char) -> String {
    if character.is_control()
        || character.is_whitespace()
        || ('\u{200b}'..='\u{206f}').contains(&character)
    {
        format!("An invisible character (U+{:04X})", u32::from(character))
    } else {
        format!("`{character}`")
    }
}
