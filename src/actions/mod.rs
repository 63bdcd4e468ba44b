//! What people do: one verb, one function, one transaction, at least one row in the change log. The only writers of
//! business state; every right is asked here, whatever way the act came in.
//!
//! Each function takes the connection of a transaction that its caller opened with [`crate::store::Db::transaction`],
//! who acts, and the time. It locks the initiative first, so that acts on one initiative queue up and each sees the
//! other's result.

pub mod add_param;
pub mod approve_fact;
pub mod approve_formula;
pub mod ask_llm;
pub mod bulk;
pub mod carry_over;
pub mod comments;
pub mod confirm_guesses;
pub mod copy_model;
pub mod define_framework;
pub mod drive_score;
pub mod effects;
mod fact_scores;
pub mod facts;
pub mod follow_fact;
pub mod follow_together;
pub mod frameworks;
pub mod initiatives;
pub mod legacy_scores;
pub mod llm_answers;
pub mod llm_settings;
pub mod math_models;
pub mod mirror;
pub mod model_templates;
pub mod overrides;
mod param_approvals;
pub mod param_metadata;
pub mod params;
pub mod paste;
pub mod people;
pub mod put_back;
pub mod rescore_framework;
pub mod scenario_formula;
pub mod scenario_group;
pub mod scenarios;
pub mod scores;
mod seeding;
pub mod settings;
pub mod sign_in;
pub mod suggestions;
pub mod summaries;
pub mod undo;

use crate::{
    domain::{
        amount::{AmountError, Proposal},
        change::Entity,
        four_eyes::{OwnHand, own_hand},
        ids::{BatchId, UserId},
        initiative::FieldRefusal,
        param_input::InputRefusal,
        rights::{Act, Refusal, Roles, may},
        settings::{FourEyes, Settings},
    },
    store::{
        change_log::{LoggedChange, Stamp},
        four_eyes::hands,
        settings as settings_store,
        users::{self, User},
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

/// Who acts, and how the act came in.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub id: UserId,
    /// What others read.
    pub name: String,
    /// What they may.
    pub roles: Roles,
    /// The way in, as the change log keeps it.
    pub through: Through,
    /// What all of the act's changes belong to, on however many initiatives; none: each initiative's are a batch.
    pub batch: Option<BatchId>,
}

/// How an act came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// A form in the browser.
    Form,
    /// A block of cells from a spreadsheet.
    Paste,
    /// A workbook.
    Import,
    /// The command line.
    Command,
    /// The app by itself.
    Rule,
    /// The identity provider, when somebody signs in.
    SignIn,
    /// A person who takes over what the LLM suggested.
    Suggestion,
    /// The app, with what the LLM said, where no person has written.
    Llm,
}

impl Through {
    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Paste => "paste",
            Self::Import => "import",
            Self::Command => "command",
            Self::Rule => "rule",
            Self::SignIn => "sign-in",
            Self::Suggestion => "suggestion",
            Self::Llm => "llm",
        }
    }
}

impl Actor {
    /// A person who acts in this way.
    #[must_use]
    pub fn new(user: &User, through: Through) -> Self {
        Self {
            id: user.id,
            name: user.name.clone(),
            roles: user.roles.clone(),
            through,
            batch: None,
        }
    }

    /// In whose name the app writes what the LLM said.
    pub(crate) async fn llm(tx: &mut PgConnection) -> sqlx::Result<Self> {
        Ok(Self::new(&users::get_llm(tx).await?, Through::Llm))
    }

    /// The same person, taking over what the LLM suggested.
    pub(crate) fn adopting(&self) -> Self {
        Self {
            through: Through::Suggestion,
            ..self.clone()
        }
    }

    /// What stands beside each change of an act at that time.
    pub(crate) fn stamp(&self, at: DateTime<Utc>) -> Stamp {
        Stamp {
            by: self.id,
            through: self.through.key(),
            at,
            batch: self.batch,
        }
    }

    /// The same, with everything they do as one act.
    #[must_use]
    pub fn within(self, batch: Option<BatchId>) -> Self {
        Self { batch, ..self }
    }

    /// Asks the table of rights.
    pub(crate) fn must_be_allowed(&self, act: Act) -> Result<(), ActionError> {
        Ok(may(&self.roles, act)?)
    }

    /// What decides whether this person may approve that: the settings, held as they are until the transaction ends, and
    /// what they did to it since it was last approved. Asked under the initiative's lock, so that nothing comes in between.
    pub(crate) async fn before_approving(
        &self,
        tx: &mut PgConnection,
        entity: Entity,
        id: i64,
    ) -> sqlx::Result<(Settings, Option<OwnHand>)> {
        let (settings, mut own) = self.before_approving_all(tx, entity, &[id]).await?;
        Ok((settings, own.remove(&id)))
    }

    /// The same for many at once; whatever they had no hand in is absent.
    pub(crate) async fn before_approving_all(
        &self,
        tx: &mut PgConnection,
        entity: Entity,
        ids: &[i64],
    ) -> sqlx::Result<(Settings, HashMap<i64, OwnHand>)> {
        let settings = settings_store::hold(tx).await?;
        Ok((settings, self.own_hands(tx, settings, (entity, ids)).await?))
    }

    /// What this person did to these rows since each was last approved, as far as the settings ask.
    pub(crate) async fn own_hands(
        &self,
        conn: &mut PgConnection,
        settings: Settings,
        (entity, ids): (Entity, &[i64]),
    ) -> sqlx::Result<HashMap<i64, OwnHand>> {
        if settings.four_eyes == FourEyes::Off {
            return Ok(HashMap::new());
        }
        let mut of_each: HashMap<i64, Vec<_>> = HashMap::new();
        for (id, hand) in hands(conn, entity, ids).await? {
            of_each.entry(id).or_default().push(hand);
        }
        let own = of_each
            .into_iter()
            .filter_map(|(id, hands)| Some((id, own_hand(self.id, &hands)?)));
        Ok(own.collect())
    }
}

/// Why an act was not done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// There is no such row.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// Somebody changed it since it was read.
    #[error("{} changed this while you were editing it.", .0.by_name)]
    Conflict(Box<LoggedChange>),
    /// The actor may not.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was given breaks a rule: the sentence says which.
    #[error("{0}")]
    Invalid(String),
    /// What was typed can be read in two ways: a question with a proposal, never a guess.
    #[error("{question}")]
    Asks {
        /// What to decide.
        question: String,
        /// The reading that was probably meant.
        proposal: Proposal,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

impl ActionError {
    /// A rule of the domain was broken.
    pub(crate) fn invalid(why: &impl ToString) -> Self {
        Self::Invalid(why.to_string())
    }
}

impl From<InputRefusal> for ActionError {
    fn from(refusal: InputRefusal) -> Self {
        match refusal {
            InputRefusal::Amount(AmountError::Asks { question, proposal }) => {
                Self::Asks { question, proposal }
            }
            other => Self::Invalid(other.to_string()),
        }
    }
}

impl From<FieldRefusal> for ActionError {
    fn from(refusal: FieldRefusal) -> Self {
        match refusal {
            FieldRefusal::Amount(AmountError::Asks { question, proposal }) => {
                Self::Asks { question, proposal }
            }
            other => Self::Invalid(other.to_string()),
        }
    }
}

/// What an act answers.
pub type Outcome<T> = Result<T, ActionError>;
