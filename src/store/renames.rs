//! What a formula's approval dropped and what it added, where one may be the other under a new name.

use crate::domain::{
    ids::{MathModelId, ParamId},
    math_model::MathModel,
    param::Param,
    param_rename::Candidate,
    scenario::formula::read_names,
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

/// The same where there may be any: without a param that is filled in and that Base's formula doesn't read, none can have
/// been renamed. `params` are all of the model's.
pub async fn candidates_among(
    conn: &mut PgConnection,
    model: &MathModel,
    params: &[Param],
) -> sqlx::Result<Candidates> {
    let is_left = |param: &Param| !param.is_used() && param.value.is_some();
    let drives_otherwise = model.driver.as_ref().is_some_and(|it| it.has_formula);
    if drives_otherwise {
        aside(conn, model, params).await
    } else if params.iter().any(is_left) {
        candidates(conn, model.id).await
    } else {
        Ok(Candidates::default())
    }
}

/// While a scenario drives by its own formula, the params' places tell what that reads. So Base's two texts are compared:
/// the one approved last and the one before.
async fn aside(
    conn: &mut PgConnection,
    model: &MathModel,
    params: &[Param],
) -> sqlx::Result<Candidates> {
    let before = sqlx::query_scalar!(
        "select v.text from approvals a join formula_versions v on v.id = a.formula_version_id
         where a.subject_kind = 'math_model' and a.subject_id = $1 and a.part = 'formula' and v.id <> $2
         order by a.approved_at desc, a.id desc limit 1",
        model.id.0,
        model.last_approved.as_ref().map(|version| version.id.0),
    );
    let (Some(now), Some(before)) = (&model.last_approved, before.fetch_optional(conn).await?)
    else {
        return Ok(Candidates::default());
    };
    let (now, before) = (read_names(&now.text), read_names(&before));
    let only_in = |some: &[String], others: &[String], is_filled: bool| {
        let fits = |param: &&Param| {
            some.contains(&param.name)
                && !others.contains(&param.name)
                && param.value.is_some() == is_filled
        };
        let found = params.iter().filter(fits).map(|param| Candidate {
            id: param.id,
            name: param.name.clone(),
            revision: param.revision,
        });
        found.collect()
    };
    Ok(Candidates {
        dropped: only_in(&before, &now, true),
        new: only_in(&now, &before, false),
    })
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
