//! What a formula's approval dropped and what it added, where one may be the other under a new name.

use crate::domain::{
    ids::{MathModelId, ParamId},
    param::Param,
    param_rename::Candidate,
};
use sqlx::PgConnection;

/// Both sides of the latest approval of a model's formula.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Params that it no longer reads, with a value.
    pub dropped: Vec<Candidate>,
    /// Params that it reads for the first time, without a value.
    pub new: Vec<Candidate>,
}

/// The same where there may be any: without a param that is filled in and not used, none can have been renamed.
pub async fn candidates_among(
    conn: &mut PgConnection,
    model: MathModelId,
    params: &[Param],
) -> sqlx::Result<Candidates> {
    let is_left = |param: &Param| !param.is_used() && param.value.is_some();
    if params.iter().any(is_left) {
        candidates(conn, model).await
    } else {
        Ok(Candidates::default())
    }
}

/// As they stand now: what has been filled in, carried over or used again since is none any more. One statement.
async fn candidates(conn: &mut PgConnection, model: MathModelId) -> sqlx::Result<Candidates> {
    let rows = sqlx::query!(
        r#"select p.id as "id: ParamId", p.name, p.revision, p.position is not null as "is_new!"
           from (
             select batch_id, chain from change_log
             where entity = 'math_model' and entity_id = $1 and field = 'formula_approval' and new ? 'version'
             order by seq desc limit 1
           ) act
           join change_log c on c.batch_id = act.batch_id and c.chain = act.chain and c.entity = 'param'
             and (c.field = 'seeded' or c.field = 'position' and c.new is null)
           join params p on p.id = c.entity_id
             and case when c.field = 'seeded' then p.position is not null and p.value is null
                 else p.position is null and p.value is not null end
           order by c.seq"#,
        model as MathModelId,
    )
    .fetch_all(conn)
    .await?;
    let mut candidates = Candidates::default();
    for row in rows {
        let side = if row.is_new {
            &mut candidates.new
        } else {
            &mut candidates.dropped
        };
        side.push(Candidate {
            id: row.id,
            name: row.name,
            revision: row.revision,
        });
    }
    Ok(candidates)
}
