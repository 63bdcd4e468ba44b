//! Who changed what since it was last approved, from the change log. What follows from it is in
//! [`crate::domain::four_eyes`].

use crate::domain::{
    approval::TAKEN_BACK,
    change::Entity,
    four_eyes::{Hand, Material},
    ids::UserId,
    param::Source,
};
use sqlx::PgConnection;

/// Everything material that was done to these params, or models, since each was last approved, oldest first; each with
/// the row it was done to. One statement, whatever their number.
///
/// "Since" goes by the place in the history, which is that of the commits, and not by the clock. An approval that was
/// taken back is none.
pub async fn hands(
    conn: &mut PgConnection,
    entity: Entity,
    ids: &[i64],
) -> sqlx::Result<Vec<(i64, Hand)>> {
    let rows = sqlx::query!(
        r#"select wanted.id as "id!", c.field as "field!", c.through as "through!", c.actor_id as "by!: UserId",
             c.at as "at!",
             case c.field when 'source' then c.old #>> '{}' when 'scenario_value' then c.old->>'source' end as source_before,
             case c.field when 'source' then c.new #>> '{}' when 'scenario_value' then c.new->>'source' end as source_after
           from unnest($2::bigint[]) wanted(id)
           cross join lateral (
             select max(seq) filter (where field <> 'range_approval') as whole,
               max(seq) filter (where field = 'range_approval') as range
             from (
               select seq, field, new, lead(new) over (partition by field order by seq) as then
               from change_log
               where entity = $1 and entity_id = wanted.id
                 and field in ('approval', 'range_approval', 'formula_approval', 'scenario_approval')
             ) approvals
             where new->>'origin' is not null and approvals.then->>'why' is distinct from $3
           ) approved
           -- each row's own by the index; a join that the planner may turn round would read the whole log
           cross join lateral (
             select * from change_log
             where entity = $1 and entity_id = wanted.id
               and field in ('value', 'unit', 'min', 'max', 'source', 'formula', 'restored_formula', 'scenario_value',
                 'scenario_formula')
               and seq > coalesce(case when field in ('min', 'max') then approved.range else approved.whole end, 0)
             offset 0
           ) c
           order by wanted.id, c.seq"#,
        entity.key(),
        ids,
        TAKEN_BACK,
    )
    .fetch_all(conn)
    .await?;
    let hands = rows.into_iter().filter_map(|row| {
        let source = |text: Option<String>| Source::read(&text.unwrap_or_default()).ok().flatten();
        let what = Material::from_field(&row.field)?;
        let hand = Hand {
            by: (!matches!(row.through.as_str(), "rule" | "command" | "llm")).then_some(row.by),
            what,
            at: row.at,
            source: matches!(what, Material::Source | Material::ScenarioValue)
                .then(|| (source(row.source_before), source(row.source_after))),
        };
        Some((row.id, hand))
    });
    Ok(hands.collect())
}
