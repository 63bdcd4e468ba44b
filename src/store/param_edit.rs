//! An edit of one param with all that follows from it, written in one statement: the row, the approvals that fall, the
//! history, where the score stands, the mark for the mirror, the form's key.
//!
//! One statement instead of a transaction of ten, since a round trip costs more than what it asks for (ADR 0010). It
//! takes effect as a whole or not at all, and only if nothing that the decision rests on has moved: whatever a param's
//! score depends on moves `initiatives.revision`. Decides nothing itself.

use super::{
    change_log::Stamp, idempotency::SentForm, params_grid::GroupStanding, scores::WhyStale,
};
use crate::domain::{
    approval::Part,
    change::FieldChange,
    ids::UserId,
    param::{Number, Param, Source},
    scoring::Missing,
};
use serde_json::json;
use sqlx::{PgConnection, types::Json};

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub struct ParamEdit<'a> {
    /// The param as it becomes, with the revision that it was read with.
    pub param: &'a Param,
    /// What changed, in order. Never empty.
    pub changes: &'a [FieldChange],
    /// Parts whose approval falls, each with the reason.
    pub withdraws: &'a [(Part, String)],
    /// What the score lacks now, if the edit moved that and the formula is approved.
    pub missing: Option<&'a [Missing]>,
    /// What moved, for a score that turns stale: "Margin changed".
    pub because: &'a str,
    /// The initiative's revision that the decision rests on; none: its row is locked by this transaction.
    pub initiative_revision: Option<i64>,
    /// The form that asked, whose key this uses up.
    pub form: Option<&'a SentForm>,
}

/// What it came to.
#[derive(Clone, Debug)]
pub struct SavedEdit {
    /// The param's new revision.
    pub revision: i64,
    /// The initiative's key.
    pub initiative_key: String,
    /// Its title.
    pub initiative_title: String,
    /// The framework's key.
    pub framework_key: String,
    /// Its name.
    pub framework_name: String,
    /// Where the group's score stands now.
    pub standing: GroupStanding,
}

/// Writes it. `None`: nothing was written, since the param or its initiative moved, or the form's key is used up.
#[expect(clippy::too_many_lines, reason = "one statement and what it is given")]
pub async fn save(
    conn: &mut PgConnection,
    edit: ParamEdit<'_>,
    stamp: Stamp,
) -> sqlx::Result<Option<SavedEdit>> {
    let param = edit.param;
    let digits = |number: &Option<Number>| number.as_ref().map(|n| n.decimal().to_owned());
    let fields: Vec<_> = edit
        .changes
        .iter()
        .map(|change| change.field.to_owned())
        .collect();
    let old: Vec<_> = edit
        .changes
        .iter()
        .map(|change| change.old.clone())
        .collect();
    let new: Vec<_> = edit
        .changes
        .iter()
        .map(|change| change.new.clone())
        .collect();
    let value_was_set = fields.iter().any(|field| field == "value");
    let parts: Vec<_> = edit
        .withdraws
        .iter()
        .map(|(part, _)| part.key().to_owned())
        .collect();
    let whys: Vec<_> = edit.withdraws.iter().map(|(_, why)| why.clone()).collect();
    let row = sqlx::query!(
        r#"with moved as (
             update initiatives set revision = revision + 1, updated_by = $3, updated_at = $4
             where id = $5 and ($6::bigint is null or revision = $6)
               and ($7::text is null or not exists (select from idempotency where key = $7::uuid))
             returning id, key, title
           ), claimed as (
             insert into idempotency (key, person_id, route, body_sha256, outcome, at)
             select $7::uuid, $3, $8, $9, '{"done": true}', $4 from moved where $7 is not null
             on conflict (key) do nothing returning key
           ), saved as (
             update params set name = $35, param_display = $10, description = $11, value = $12::text::numeric, unit = $13,
               min = $14::text::numeric, max = $15::text::numeric, source = $16, notes = $17, evidence_link = $18,
               evidence_as_of = $19, review_by = $20, written_by = $21,
               value_set_by = case when $22 then $3 else value_set_by end,
               value_set_at = case when $22 then $4 else value_set_at end,
               revision = revision + 1, updated_by = $3, updated_at = $4
             where id = $1 and revision = $2 and exists (select from moved)
               and ($7 is null or exists (select from claimed))
             returning revision, framework_id
           ), fallen as (
             update approvals a set withdrawn_by = $3, withdrawn_at = $4, withdrawn_why = w.why
             from unnest($23::text[], $24::text[]) with ordinality as w(part, why, n)
             where a.subject_kind = 'param' and a.subject_id = $1 and a.part = w.part and a.withdrawn_at is null
               and exists (select from saved)
             returning w.n, a.part, a.content, a.withdrawn_why
           ), logged as (
             insert into change_log
               (initiative_id, entity, entity_id, entity_revision, field, subject, old, new, batch_id, through,
                actor_id, at)
             select $5, 'param', $1, saved.revision, c.field, $25, nullif(c.old, 'null'), nullif(c.new, 'null'),
               batch.id, $26, $3, $4
             from saved, (select coalesce($34::text::uuid, gen_random_uuid()) as id) batch, (
               select 0 as kind, n, field, old, new
               from unnest($27::text[], $28::jsonb[], $29::jsonb[]) with ordinality as c(field, old, new, n)
               union all
               select 1, n, case part when 'range' then 'range_approval' else 'approval' end, content,
                 jsonb_build_object('why', withdrawn_why) from fallen
             ) c order by c.kind, c.n
           ), marked as (
             insert into mirror_dirty (initiative_id, reason) select $5, $30 from saved
             on conflict (initiative_id) do update set version = mirror_dirty.version + 1, reason = excluded.reason
           ), stands as (
             update initiative_frameworks f set
               -- while the formula itself waits, that is what is missing
               missing = case when f.missing @> '[{"what": "formula"}]' or f.missing @> '[{"what": "formula_approval"}]'
                 then f.missing else $31 end,
               status = case when f.score_id is null then 'not_ready' else 'stale' end,
               stale_because = case when f.score_id is null then null else coalesce(f.stale_because, $32) end,
               stale_by = case when f.score_id is null then null else coalesce(f.stale_by, $3) end,
               stale_since = case when f.score_id is null then null else coalesce(f.stale_since, $4) end
             from saved
             where f.initiative_id = $5 and f.framework_id = saved.framework_id and f.is_on and $33
             returning f.status, f.missing, f.stale_because, f.stale_by, f.stale_since
           )
           select saved.revision as "revision!", moved.key as "initiative_key!", moved.title as "initiative_title!",
             k.key as framework_key, k.name as framework_name,
             coalesce(stands.status, f.status, 'not_ready') as "status!",
             coalesce(jsonb_array_length(coalesce(stands.missing, f.missing)), 0) as "missing!",
             coalesce(stands.stale_because, f.stale_because) as stale_because,
             su.name as "stale_by_name?", coalesce(stands.stale_since, f.stale_since) as stale_since,
             s.value as "value?", s.value_unit as "value_unit?"
           from saved cross join moved join frameworks k on k.id = saved.framework_id
           left join stands on true
           left join initiative_frameworks f on f.initiative_id = $5 and f.framework_id = saved.framework_id and f.is_on
           left join scores s on s.id = f.score_id
           left join users su on su.id = coalesce(stands.stale_by, f.stale_by)"#,
        param.id.0,
        param.revision,
        stamp.by as UserId,
        stamp.at,
        param.initiative_id.0,
        edit.initiative_revision,
        edit.form.map(|form| form.key.as_str()),
        edit.form.map_or("", |form| form.route.as_str()),
        edit.form.map_or(&[][..], |form| &form.body_sha256[..]),
        param.param_display,
        param.description,
        digits(&param.value),
        param.unit,
        digits(&param.range.min),
        digits(&param.range.max),
        param.source.map_or("", Source::key),
        param.notes,
        param.evidence_link,
        param.evidence_as_of,
        param.review_by,
        json!(param.written_by),
        value_was_set,
        &parts,
        &whys,
        param.label(),
        stamp.through,
        &fields,
        &old,
        &new,
        edit.changes.first().map_or("", |change| change.field),
        Json(edit.missing.unwrap_or_default()) as _,
        edit.because,
        edit.missing.is_some(),
        stamp.batch.map(|batch| batch.to_string()),
        param.name,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| SavedEdit {
        revision: row.revision,
        initiative_key: row.initiative_key,
        initiative_title: row.initiative_title,
        framework_key: row.framework_key,
        framework_name: row.framework_name,
        standing: GroupStanding {
            status: row.status,
            missing: row.missing,
            stale: row.stale_because.map(|because| WhyStale {
                because,
                by_name: row.stale_by_name,
                since: row.stale_since,
            }),
            value: row.value,
            value_unit: row.value_unit,
        },
    }))
}
