//! What was acknowledged against what is there, and what is there against itself.

use super::{
    act::{Outcome, Record, What},
    app::productops,
    work::Kept,
};
use productops::postgres::{Embedded, Options};
use sqlx::{ConnectOptions as _, PgConnection};
use std::{env, path::Path};

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    /// Sentences about what doesn't fit.
    pub(crate) broken: Vec<String>,
}

impl Findings {
    pub(crate) fn is_clean(&self) -> bool {
        self.acknowledged > 0 && self.lost == 0 && self.doubled == 0 && self.broken.is_empty()
    }
}

/// Each gives the rows that are half done; none is right.
const WHOLE: [(&str, &str); 9] = [
    (
        "live approvals of a value that say something else than the param",
        "select count(*) from approvals a join params p on p.id = a.subject_id
         where a.subject_kind = 'param' and a.part = 'value' and a.withdrawn_at is null
           and ((a.content ->> 'value')::numeric, a.content ->> 'unit', coalesce(a.content ->> 'source', ''))
             is distinct from (p.value, p.unit, p.source)",
    ),
    (
        "live approvals of a range that say something else than the param",
        "select count(*) from approvals a join params p on p.id = a.subject_id
         where a.subject_kind = 'param' and a.part = 'range' and a.withdrawn_at is null
           and ((a.content ->> 'min')::numeric, (a.content ->> 'max')::numeric) is distinct from (p.min, p.max)",
    ),
    (
        "values that aren’t the last one of their history",
        "select count(*) from params p join initiatives i on i.id = p.initiative_id
         where i.key like 'CHAOS-%' and p.value is distinct from (
           select (c.new #>> '{}')::numeric from change_log c
           where c.entity = 'param' and c.entity_id = p.id and c.field = 'value' order by c.seq desc limit 1)",
    ),
    (
        "params whose revision isn’t the last one of their history",
        "select count(*) from params p join initiatives i on i.id = p.initiative_id
         where i.key like 'CHAOS-%' and p.revision <> (
           select max(c.entity_revision) from change_log c where c.entity = 'param' and c.entity_id = p.id)",
    ),
    (
        "initiatives whose revision isn’t 1 and one for each act in their history",
        "select count(*) from initiatives i where (i.key like 'CHAOS-%' or i.key like 'NEW-%')
           and i.revision <> 1 + (select count(distinct c.batch_id) from change_log c where c.initiative_id = i.id)",
    ),
    (
        "approvals without a row in the history, or the other way round",
        "select abs((select count(*) from approvals a where a.subject_kind = 'param' and a.part = 'value'
           and a.origin = 'person') - (select count(*) from change_log c
           where c.entity = 'param' and c.field = 'approval' and c.new ->> 'origin' = 'person'))",
    ),
    (
        "withdrawals without a row in the history, or the other way round",
        "select abs((select count(*) from approvals a where a.subject_kind = 'param' and a.part = 'value'
           and a.withdrawn_at is not null) - (select count(*) from change_log c
           where c.entity = 'param' and c.field = 'approval' and c.new ? 'why'))",
    ),
    (
        "scores whose status doesn’t follow from the approvals",
        "select count(*) from initiative_frameworks f join initiatives i on i.id = f.initiative_id
         join math_models m on m.initiative_id = i.id and m.framework_id = f.framework_id and m.drives
         where i.key like 'CHAOS-%' and f.status <> case
           when exists (select from approvals a where a.subject_kind = 'math_model' and a.subject_id = m.id
               and a.withdrawn_at is null and a.formula_version_id = m.formula_version_id)
             and not exists (select from params p where p.initiative_id = i.id and p.framework_id = f.framework_id
               and p.position is not null and not exists (select from approvals a where a.subject_kind = 'param'
                 and a.subject_id = p.id and a.part = 'value' and a.withdrawn_at is null))
             then 'approved' when f.score_id is not null then 'stale' else 'not_ready' end",
    ),
    (
        "approved scores computed from other values than the params have",
        "select count(*) from initiative_frameworks f join scores s on s.id = f.score_id
         cross join lateral jsonb_array_elements(s.inputs) input
         join params p on p.id = (input ->> 'param_id')::bigint
         where f.status = 'approved' and (input ->> 'value')::numeric is distinct from p.value",
    ),
];

/// Looks at everything; the app must not be running.
pub(crate) async fn run(folder: &Path, kept: &Kept) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let verified = productops(folder).arg("verify-history").output()?;
    if !verified.status.success() {
        let said = String::from_utf8_lossy(&verified.stderr).trim().to_owned();
        findings.broken.push(said);
    }
    let options = Options {
        root: folder.join("pg"),
        bin: env::var_os("PRODUCTOPS_POSTGRES_BIN").map(Into::into),
        durable: true,
    };
    let embedded = tokio::task::spawn_blocking(move || Embedded::start(&options)).await??;
    let mut conn = embedded.connect_options("productops").connect().await?;
    for record in &kept.records {
        judge(&mut conn, record, &mut findings).await?;
    }
    for (what, sql) in WHOLE {
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut conn).await?;
        if found != 0 {
            findings.broken.push(format!("{found} {what}"));
        }
    }
    drop(conn);
    tokio::task::spawn_blocking(move || embedded.stop()).await??;
    Ok(findings)
}

async fn judge(
    conn: &mut PgConnection,
    record: &Record,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let there = effects(conn, record).await?;
    let expected = match record.outcome {
        Outcome::Taken => {
            findings.acknowledged += 1;
            1
        }
        Outcome::Refused => {
            findings.refused += 1;
            0
        }
    };
    if there == expected {
        return Ok(());
    }
    if there < expected {
        findings.lost += 1;
    } else {
        findings.doubled += 1;
    }
    findings
        .broken
        .push(format!("there {there} times: {record:?}"));
    Ok(())
}

/// How often an act took effect, by its rows in the history and what it made.
async fn effects(conn: &mut PgConnection, record: &Record) -> sqlx::Result<i64> {
    let of_param = "select count(*) from change_log c join users u on u.id = c.actor_id
         where c.entity = 'param' and c.entity_id = $1 and ";
    let sql = |rest: &str| sqlx::AssertSqlSafe(format!("{of_param}{rest}"));
    let count = match &record.what {
        What::Value { param, value } => {
            let sql = sql("c.field = 'value' and c.new #>> '{}' = $2 and u.name = $3");
            sqlx::query_scalar(sql).bind(param).bind(value).bind(&record.by)
        }
        What::Approve { param, seen } => {
            let sql = sql("c.field = 'approval' and c.new ? 'origin' and c.entity_revision = $2 + 1 and u.name = $3");
            sqlx::query_scalar(sql).bind(param).bind(seen).bind(&record.by)
        }
        What::Withdraw { param, seen } => {
            let sql = sql("c.field = 'approval' and c.new ? 'why' and c.entity_revision = $2 + 1 and u.name = $3");
            sqlx::query_scalar(sql).bind(param).bind(seen).bind(&record.by)
        }
        What::Text { key, text } => sqlx::query_scalar(
            "select count(*) from change_log c join initiatives i on i.id = c.initiative_id
             where i.key = $1 and c.field = 'problem_statement' and c.new #>> '{}' = $2",
        )
        .bind(key)
        .bind(text),
        What::Formula { model, text } => sqlx::query_scalar(
            "select greatest((select count(*) from formula_versions where owner_kind = 'math_model' and owner_id = $1 and text = $2),
               (select count(*) from change_log where entity = 'math_model' and entity_id = $1 and new ->> 'text' = $2))",
        )
        .bind(model)
        .bind(text),
        What::ApproveFormula { model, version } => sqlx::query_scalar(
            "select count(*) from approvals where subject_kind = 'math_model' and subject_id = $1
               and (content ->> 'version')::bigint = $2",
        )
        .bind(model)
        .bind(version),
        What::Create { key } => sqlx::query_scalar(
            "select count(*) from change_log c join initiatives i on i.id = c.initiative_id
             where i.key = $1 and c.field = 'created'",
        )
        .bind(key),
    };
    count.fetch_one(conn).await
}
