//! Say something about an initiative, a model or a param, take it back, settle being called.
//!
//! A comment is its own record, kept for ever under its author's name, so it has no line in the change log; it changes
//! nothing that a score depends on, so it locks nothing either.

use super::{ActionError, Actor, Outcome};
use crate::{
    domain::{
        comment::{self, About},
        ids::{CommentId, InitiativeKey, MathModelId, ParamId},
        rights::Act,
    },
    store::comments::{self, Place},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What a comment shall be about, as an address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An initiative.
    Initiative(InitiativeKey),
    /// A model.
    MathModel(MathModelId),
    /// A param.
    Param(ParamId),
}

impl Subject {
    /// What the comment is about, within its initiative.
    #[must_use]
    pub fn about(&self) -> About {
        match self {
            Self::Initiative(_) => About::Initiative,
            Self::MathModel(id) => About::MathModel(*id),
            Self::Param(id) => About::Param(*id),
        }
    }
}

/// Where comments about this belong.
pub async fn place(conn: &mut PgConnection, subject: &Subject) -> Outcome<Place> {
    let (found, what) = match subject {
        Subject::Initiative(key) => (
            comments::place_of_initiative(conn, key.as_str()).await?,
            "initiative",
        ),
        Subject::MathModel(id) => (comments::place_of_model(conn, *id).await?, "math model"),
        Subject::Param(id) => (comments::place_of_param(conn, *id).await?, "param"),
    };
    found.ok_or(ActionError::NotFound(what))
}

/// Says something. Whoever is called finds it in their queue; the author has answered whatever called them here. Given
/// back are the words behind an @ that call nobody.
pub async fn add(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    subject: &Subject,
    typed: &str,
) -> Outcome<Vec<String>> {
    actor.must_be_allowed(Act::Comment)?;
    let place = place(tx, subject).await?;
    let body = comment::read(typed).map_err(|why| ActionError::invalid(&why))?;
    let words = comment::words_behind_at(&body);
    let people = comments::callable(tx, &words).await?;
    let mut called = comment::mentions(&body, &people).map_err(|why| ActionError::invalid(&why))?;
    called.retain(|id| *id != actor.id);
    comments::settle_all(tx, place.initiative, actor.id, now).await?;
    let about = (subject.about(), &place);
    comments::insert(tx, about, &body, &called, (actor.id, now)).await?;
    Ok(comment::uncalled(&body, &people))
}

/// Takes one's own comment back; taken back already, it stays so.
pub async fn withdraw(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: CommentId,
) -> Outcome<()> {
    actor.must_be_allowed(Act::Comment)?;
    let (author, is_withdrawn) = comments::author(tx, id)
        .await?
        .ok_or(ActionError::NotFound("comment"))?;
    if author != actor.id {
        return Err(ActionError::Invalid(
            "Only its author can take a comment back.".to_owned(),
        ));
    }
    if !is_withdrawn {
        comments::withdraw(tx, id, now).await?;
    }
    Ok(())
}

/// Settles having been called by a comment, without an answer.
pub async fn settle(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: CommentId,
) -> Outcome<()> {
    comments::settle(tx, id, actor.id, now).await?;
    Ok(())
}
