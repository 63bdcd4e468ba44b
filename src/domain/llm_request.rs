//! A request to the LLM: what kind of question it is, what it may use at most, and what the day's budget leaves.

use super::ids::{InitiativeId, MathModelId, ParamId};
use chrono::{DateTime, Duration, NaiveTime, Utc};
use std::fmt;

/// What the LLM is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Workflow {
    /// A formula with its assumptions, for a model.
    SuggestMathModel,
    /// Label, unit, description, range and owner of params.
    SuggestParamMetadata,
    /// A short text about an initiative for the backlog.
    SummariseInitiative,
    /// A second opinion about a formula.
    ReviewMathModel,
}

/// How many calls one request may make: the question, two repairs, and two more where the endpoint couldn't answer.
const CALLS: i32 = 5;
/// A prompt's own words, in bytes, at the most; what is asked about comes on top. Held by a test of the prompts.
pub const PROMPT_BYTES: usize = 8_000;
/// What a repair adds to a prompt at the most, in bytes: the answer that it is about, and what is wrong with it.
pub const REPAIR_BYTES: usize = 10_000;

impl Workflow {
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::SuggestMathModel,
        Self::SuggestParamMetadata,
        Self::SummariseInitiative,
        Self::ReviewMathModel,
    ];

    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::SuggestMathModel => "suggest_math_model",
            Self::SuggestParamMetadata => "suggest_param_metadata",
            Self::SummariseInitiative => "summarise_initiative",
            Self::ReviewMathModel => "review_math_model",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workflow| workflow.key() == key)
    }

    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::SuggestMathModel => "Formula suggestion",
            Self::SuggestParamMetadata => "Words and ranges of params",
            Self::SummariseInitiative => "Summary",
            Self::ReviewMathModel => "Second opinion",
        }
    }

    /// How long an answer may be, in tokens; the endpoint is told so.
    #[must_use]
    pub fn longest_answer(self) -> u32 {
        match self {
            Self::SuggestMathModel | Self::ReviewMathModel => 2_000,
            Self::SuggestParamMetadata => 4_000,
            Self::SummariseInitiative => 1_000,
        }
    }

    /// The most that a request about so many bytes of text may use.
    #[must_use]
    pub fn most(self, bytes_of_inputs: usize) -> Use {
        let prompt = PROMPT_BYTES + REPAIR_BYTES + bytes_of_inputs;
        let a_call = tokens(prompt) + i64::from(self.longest_answer());
        Use {
            calls: CALLS,
            tokens: a_call * i64::from(CALLS),
        }
    }
}

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What is asked for.
    pub workflow: Workflow,
    /// Whose.
    pub initiative: InitiativeId,
    /// Of which model; none: of the initiative itself.
    pub model: Option<MathModelId>,
    /// About which params; of metadata only.
    pub params: Vec<ParamId>,
}

impl fmt::Display for Workflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// How many tokens a text may be, rather too many than too few: two bytes each, where English has four.
#[must_use]
pub fn tokens(bytes: usize) -> i64 {
    i64::try_from(bytes.div_ceil(2)).unwrap_or(i64::MAX)
}

/// An amount of calls and tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Calls.
    pub calls: i32,
    /// Tokens, of questions and answers together.
    pub tokens: i64,
}

impl Use {
    fn less(self, other: Self) -> Self {
        Self {
            calls: (self.calls - other.calls).max(0),
            tokens: (self.tokens - other.tokens).max(0),
        }
    }

    fn at_most(self, other: Self) -> Self {
        Self {
            calls: self.calls.min(other.calls),
            tokens: self.tokens.min(other.tokens),
        }
    }
}

/// What a day allows and what of it is gone: used today, or reserved by requests that are still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// For everybody together.
    pub cap: Use,
    /// Of that, gone.
    pub gone: Use,
    /// For each person.
    pub person_cap: Use,
    /// Of that, gone; the app's own requests are nobody's.
    pub person_gone: Use,
}

/// No request can be made before the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedUp {
    /// Whether it is this person's part rather than everybody's.
    pub is_ones_own: bool,
    /// When it opens again.
    pub opens_at: DateTime<Utc>,
}

impl std::error::Error for UsedUp {}

impl fmt::Display for UsedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.is_ones_own {
            "Your budget for the LLM"
        } else {
            "The budget for the LLM"
        };
        write!(
            f,
            "{whose} is used up for today. It opens again at {} UTC; an admin can raise it in the settings.",
            self.opens_at.format("%-d %b %Y, %H:%M")
        )
    }
}

impl Budget {
    /// What is left for everybody.
    #[must_use]
    pub fn left(&self) -> Use {
        self.cap.less(self.gone)
    }

    /// What is left for this person: never more than for everybody.
    #[must_use]
    pub fn persons_left(&self) -> Use {
        self.person_cap.less(self.person_gone).at_most(self.left())
    }

    /// What a request may use: what it asks for, or what is left if that is enough for at least one call.
    ///
    /// # Errors
    /// Less is left than one call takes.
    pub fn reserve(&self, most: Use, now: DateTime<Utc>) -> Result<Use, UsedUp> {
        let a_call = most.tokens / i64::from(most.calls.max(1));
        let fits = |left: Use| left.calls >= 1 && left.tokens >= a_call;
        if fits(self.persons_left()) {
            return Ok(most.at_most(self.persons_left()));
        }
        Err(UsedUp {
            is_ones_own: fits(self.left()),
            opens_at: day(now) + Duration::days(1),
        })
    }
}

/// When the day of a budget began: midnight in UTC.
#[must_use]
pub fn day(now: DateTime<Utc>) -> DateTime<Utc> {
    now.date_naive().and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    fn of(calls: i32, tokens: i64) -> Use {
        Use { calls, tokens }
    }

    fn budget(gone: Use, person_gone: Use) -> Budget {
        Budget {
            cap: of(10, 1_000),
            gone,
            person_cap: of(6, 600),
            person_gone,
        }
    }

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 28, 12, 0, 0).unwrap()
    }

    #[test]
    fn a_request_gets_what_it_asks_for_or_what_is_left() {
        let most = of(5, 500);
        for (gone, person_gone, expected) in [
            (of(0, 0), of(0, 0), most),
            (of(7, 0), of(0, 0), of(3, 500)),
            (of(0, 0), of(4, 200), of(2, 400)),
            (of(9, 900), of(5, 500), of(1, 100)),
        ] {
            let reserved = budget(gone, person_gone).reserve(most, noon()).unwrap();
            assert_eq!(reserved, expected, "{gone:?} {person_gone:?}");
        }
    }

    #[test]
    fn a_refusal_says_whose_budget_it_is_and_when_it_opens_again() {
        let most = of(5, 500);
        let all = budget(of(10, 0), of(0, 0))
            .reserve(most, noon())
            .unwrap_err();
        assert_eq!(
            all.to_string(),
            "The budget for the LLM is used up for today. It opens again at 29 Nov 2026, 00:00 UTC; an admin can raise \
             it in the settings."
        );
        for (gone, person_gone, is_ones_own) in [
            (of(6, 0), of(6, 0), true),
            (of(5, 550), of(5, 550), true),
            (of(5, 950), of(0, 0), false),
        ] {
            let refusal = budget(gone, person_gone).reserve(most, noon()).unwrap_err();
            assert_eq!(refusal.is_ones_own, is_ones_own, "{gone:?} {person_gone:?}");
        }
    }

    #[test]
    fn a_workflow_is_stored_under_a_name_of_its_own() {
        for workflow in Workflow::ALL {
            assert_eq!(Workflow::from_key(workflow.key()), Some(workflow));
        }
        assert_eq!(Workflow::from_key("rescore_framework"), None);
    }
}
