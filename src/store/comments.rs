//! Comments, and whom they call.

use crate::domain::{
    comment::{About, Callable},
    ids::{CommentId, InitiativeId, MathModelId, ParamId, UserId},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

/// How many comments a thread shows, the newest.
const THREAD: i64 = 200;
/// How many mentions the queue shows.
pub const MENTIONS: i64 = 50;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its row.
    pub id: CommentId,
    /// What it is about.
    pub about: About,
    /// What that was called at the time.
    pub subject: String,
    /// What was said; empty where it was taken back.
    pub body: String,
    /// Who.
    pub author: UserId,
    /// Their name.
    pub author_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether its author took it back.
    pub is_withdrawn: bool,
}

/// Where a comment belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The initiative.
    pub initiative: InitiativeId,
    /// Its key.
    pub key: String,
    /// What it is about, as it is called now.
    pub subject: String,
}

fn entity(about: About, initiative: InitiativeId) -> (&'static str, i64) {
    match about {
        About::Initiative => ("initiative", initiative.0),
        About::MathModel(id) => ("math_model", id.0),
        About::Param(id) => ("param", id.0),
    }
}

fn about(entity: &str, id: i64) -> About {
    match entity {
        "math_model" => About::MathModel(MathModelId(id)),
        "param" => About::Param(ParamId(id)),
        _ => About::Initiative,
    }
}

/// Where comments about a model belong; none: there is no such model.
pub async fn place_of_model(
    conn: &mut PgConnection,
    id: MathModelId,
) -> sqlx::Result<Option<Place>> {
    sqlx::query_as!(
        Place,
        r#"select i.id as "initiative: InitiativeId", i.key, m.model_name as subject
           from math_models m join initiatives i on i.id = m.initiative_id where m.id = $1"#,
        id as MathModelId,
    )
    .fetch_optional(conn)
    .await
}

/// Where comments about a param belong; none: there is no such param.
pub async fn place_of_param(conn: &mut PgConnection, id: ParamId) -> sqlx::Result<Option<Place>> {
    sqlx::query_as!(
        Place,
        r#"select i.id as "initiative: InitiativeId", i.key,
             coalesce(nullif(p.param_display, ''), p.name) as "subject!"
           from params p join initiatives i on i.id = p.initiative_id where p.id = $1"#,
        id as ParamId,
    )
    .fetch_optional(conn)
    .await
}

/// Where comments about an initiative belong; none: there is no such initiative.
pub async fn place_of_initiative(
    conn: &mut PgConnection,
    key: &str,
) -> sqlx::Result<Option<Place>> {
    sqlx::query_as!(
        Place,
        r#"select id as "initiative: InitiativeId", key, title as subject from initiatives where key = $1"#,
        key,
    )
    .fetch_optional(conn)
    .await
}

/// The newest comments, oldest of them first: of the whole initiative, or of one model or param of it.
pub async fn thread(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    of: About,
) -> sqlx::Result<Vec<Comment>> {
    let only = (of != About::Initiative).then(|| entity(of, initiative));
    let (kind, id) = only.unzip();
    let rows = sqlx::query!(
        r#"select c.id as "id: CommentId", c.entity, c.entity_id, c.subject,
             case when c.withdrawn_at is null then c.body else '' end as "body!",
             c.author_id as "author: UserId", u.name as author_name, c.at, c.withdrawn_at is not null as "is_withdrawn!"
           from comments c join users u on u.id = c.author_id
           where c.initiative_id = $1 and ($2::text is null or (c.entity = $2 and c.entity_id = $3))
           order by c.id desc limit $4"#,
        initiative as InitiativeId,
        kind,
        id,
        THREAD,
    )
    .fetch_all(conn)
    .await?;
    let comments = rows.into_iter().rev().map(|row| Comment {
        id: row.id,
        about: about(&row.entity, row.entity_id),
        subject: row.subject,
        body: row.body,
        author: row.author,
        author_name: row.author_name,
        at: row.at,
        is_withdrawn: row.is_withdrawn,
    });
    Ok(comments.collect())
}

/// Who can be called by one of these words (in lower case): a first name, or a mailbox.
pub async fn callable(conn: &mut PgConnection, words: &[String]) -> sqlx::Result<Vec<Callable>> {
    sqlx::query_as!(
        Callable,
        r#"select id as "id: UserId", name, email from users
           where kind <> 'system' and deactivated_at is null
             and (lower(split_part(name, ' ', 1)) = any($1) or split_part(email, '@', 1) = any($1))
           order by name, id"#,
        words,
    )
    .fetch_all(conn)
    .await
}

/// Keeps a comment and calls people to it.
pub async fn insert(
    conn: &mut PgConnection,
    (of, place): (About, &Place),
    body: &str,
    called: &[UserId],
    (author, now): (UserId, DateTime<Utc>),
) -> sqlx::Result<CommentId> {
    let (entity, entity_id) = entity(of, place.initiative);
    let called: Vec<_> = called.iter().map(|id| id.0).collect();
    sqlx::query_scalar!(
        r#"with said as (
             insert into comments (initiative_id, entity, entity_id, subject, body, author_id, at)
             values ($1, $2, $3, $4, $5, $6, $7) returning id
           ), called as (
             insert into comment_mentions (comment_id, user_id)
             select said.id, c.id from said, unnest($8::bigint[]) as c(id)
           )
           select id as "id: CommentId" from said"#,
        place.initiative as InitiativeId,
        entity,
        entity_id,
        place.subject,
        body,
        author as UserId,
        now,
        &called,
    )
    .fetch_one(conn)
    .await
}

/// Whose comment it is, and whether it was taken back already; none: there is no such comment.
pub async fn author(
    conn: &mut PgConnection,
    id: CommentId,
) -> sqlx::Result<Option<(UserId, bool)>> {
    let row = sqlx::query!(
        r#"select author_id as "author: UserId", withdrawn_at is not null as "is_withdrawn!"
           from comments where id = $1 for update"#,
        id as CommentId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.author, row.is_withdrawn)))
}

/// Takes a comment back; it calls nobody any more.
pub async fn withdraw(
    conn: &mut PgConnection,
    id: CommentId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with withdrawn as (update comments set withdrawn_at = $2 where id = $1)
         update comment_mentions set settled_at = $2 where comment_id = $1 and settled_at is null",
        id as CommentId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Settles a person's mention in one comment; whether there was one that waited.
pub async fn settle(
    conn: &mut PgConnection,
    id: CommentId,
    who: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let settled = sqlx::query!(
        "update comment_mentions set settled_at = $3
         where comment_id = $1 and user_id = $2 and settled_at is null",
        id as CommentId,
        who as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() > 0)
}

/// Settles all of a person's mentions in an initiative: they have answered.
pub async fn settle_all(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    who: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update comment_mentions m set settled_at = $3 from comments c
         where c.id = m.comment_id and c.initiative_id = $1 and m.user_id = $2 and m.settled_at is null",
        initiative as InitiativeId,
        who as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A comment that calls somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The comment.
    pub comment: Comment,
    /// Its initiative's key.
    pub key: String,
}

struct MentionRow {
    id: CommentId,
    entity: String,
    entity_id: i64,
    subject: String,
    body: String,
    author: UserId,
    author_name: String,
    at: DateTime<Utc>,
    key: String,
}

impl From<MentionRow> for Mention {
    fn from(row: MentionRow) -> Self {
        Self {
            comment: Comment {
                id: row.id,
                about: about(&row.entity, row.entity_id),
                subject: row.subject,
                body: row.body,
                author: row.author,
                author_name: row.author_name,
                at: row.at,
                is_withdrawn: false,
            },
            key: row.key,
        }
    }
}

/// The comments that call this person and that they haven't settled, oldest first; so many at most, or all.
pub async fn mentions(
    conn: &mut PgConnection,
    who: UserId,
    most: Option<i64>,
) -> sqlx::Result<Vec<Mention>> {
    let rows = sqlx::query_as!(
        MentionRow,
        r#"select c.id as "id: CommentId", c.entity, c.entity_id, c.subject, c.body, c.author_id as "author: UserId",
             u.name as author_name, c.at, i.key
           from comment_mentions m join comments c on c.id = m.comment_id join users u on u.id = c.author_id
           join initiatives i on i.id = c.initiative_id
           where m.user_id = $1 and m.settled_at is null order by m.comment_id limit $2"#,
        who as UserId,
        most,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// A comment that called this person and that they settled; none: it never did, waits still, or was taken back.
pub async fn settled_mention(
    conn: &mut PgConnection,
    who: UserId,
    id: CommentId,
) -> sqlx::Result<Option<Mention>> {
    let row = sqlx::query_as!(
        MentionRow,
        r#"select c.id as "id: CommentId", c.entity, c.entity_id, c.subject, c.body, c.author_id as "author: UserId",
             u.name as author_name, c.at, i.key
           from comment_mentions m join comments c on c.id = m.comment_id join users u on u.id = c.author_id
           join initiatives i on i.id = c.initiative_id
           where m.user_id = $1 and m.comment_id = $2 and m.settled_at is not null and c.withdrawn_at is null"#,
        who as UserId,
        id as CommentId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Into::into))
}

/// How many mentions wait for each person who has any.
pub async fn count_mentions(conn: &mut PgConnection) -> sqlx::Result<HashMap<UserId, u32>> {
    let rows = sqlx::query!(
        r#"select user_id as "who: UserId", count(*)::int as "count!" from comment_mentions
           where settled_at is null group by user_id"#
    )
    .fetch_all(conn)
    .await?;
    let counts = rows
        .into_iter()
        .map(|row| (row.who, u32::try_from(row.count).unwrap_or_default()));
    Ok(counts.collect())
}
