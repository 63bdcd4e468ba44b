//! What it costs to score everybody afresh after a framework's formula changed, beside the least it could: a COPY of
//! as many score rows. Both in turn on one throw-away database, whose server must be on this machine; the median ratio
//! is printed last.
//!
//! `cargo bench --locked --bench rescore`; `INITIATIVES` and `ROUNDS` change how much is measured.
#![expect(clippy::unwrap_used, reason = "a measurement that can't go on ends")]

use productops::{
    actions::{Actor, Through, define_framework, rescore_framework},
    domain::{framework_definition::Typed, ids::FrameworkId},
    store::users,
    testing::TestDb,
};
use sqlx::{Connection as _, PgConnection};
use std::{
    env,
    time::{Duration, Instant},
};

/// Initiatives with the framework on and its four params filled and approved.
const SEED: &str = "
  insert into initiatives (key, title, created_at, created_by, updated_at, updated_by, active_framework_id)
    select 'INIT-' || n, 'Initiative ' || n, now(), 1, now(), 1, f.id
    from generate_series(1, $1) n, frameworks f where f.key = 'BENCH';
  insert into initiative_frameworks (initiative_id, framework_id, is_on, status)
    select i.id, f.id, true, 'not_ready' from initiatives i, frameworks f where f.key = 'BENCH';
  insert into params (initiative_id, framework_id, name, position, param_display, value, unit, source, is_auto_seeded,
      value_set_by, value_set_at, created_at, updated_at, updated_by)
    select i.id, d.framework_id, d.name, d.position, d.label, 1 + i.id % 97 + d.position, d.unit, 'PM', true, 1, now(),
      now(), now(), 1
    from initiatives i, framework_params d join frameworks f on f.id = d.framework_id where f.key = 'BENCH';
  insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin)
    select 'param', id, 'value', '{}', 1, now(), 'person' from params;
  analyze";
const COLUMNS: &str = "initiative_id, framework_id, formula_version_id, inputs, value, effort, overall, value_unit, lines, notes, engine, recorded_by, recorded_at";

fn number(name: &str, default: i64) -> i64 {
    env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn definition(factor: i64) -> Typed {
    let formula = format!(
        "gross = reach * impact * {factor}\nvalue = gross * belief\noverall = value / effort"
    );
    Typed {
        name: "Bench".into(),
        formula,
        ..Typed::default()
    }
}

#[tokio::main]
async fn main() {
    // cargo test runs benches too, without the flag: nothing is measured then.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let (initiatives, rounds) = (number("INITIATIVES", 10_000), number("ROUNDS", 5).max(1));
    let test = TestDb::new().await;
    let db = test.db.clone();
    let user = db
        .read(async move |mut conn| users::get_system(&mut conn).await)
        .await
        .unwrap();
    let actor = Actor::new(&user, Through::Command);
    let now = user_time();
    let author = actor.clone();
    let made = db.transaction(async move |mut tx| {
        define_framework::create(&mut tx, &author, now, ("BENCH", &definition(1))).await
    });
    let framework = made.await.unwrap().id;
    let mut conn = PgConnection::connect_with(&test.connect_options())
        .await
        .unwrap();
    for statement in SEED.split(';') {
        let statement = statement.replace("$1", &initiatives.to_string());
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut conn)
            .await
            .unwrap();
    }
    let mut ratios = Vec::new();
    for round in 0..=rounds {
        let author = actor.clone();
        let begun = Instant::now();
        let saved = db.bulk("bench", Duration::from_mins(1), async move |mut tx| {
            let seen = define_framework::get(&mut tx, "BENCH").await?.revision;
            let sent = (&definition(round + 2), seen);
            define_framework::save(&mut tx, &author, now, "BENCH", sent).await
        });
        saved.await.unwrap();
        let saving = begun.elapsed();
        let rescoring = rescore(&test, framework, now).await;
        let copying = copy(&mut conn, initiatives).await;
        let ratio = rescoring.as_secs_f64() / copying.as_secs_f64();
        println!(
            "round {round}: saving {saving:.2?}, rescoring {rescoring:.2?}, COPY {copying:.2?}: {ratio:.2}"
        );
        // The first one warms everybody up.
        if round > 0 {
            ratios.push(ratio);
        }
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "rescoring {initiatives} initiatives / COPY of as many scores: {:.2}",
        ratios[ratios.len() / 2]
    );
}

fn user_time() -> chrono::DateTime<chrono::Utc> {
    productops::clock::Clock::system().now()
}

/// Everybody, chunk by chunk, as the job does it.
async fn rescore(
    test: &TestDb,
    framework: FrameworkId,
    now: chrono::DateTime<chrono::Utc>,
) -> Duration {
    let begun = Instant::now();
    let mut after = 0;
    loop {
        let chunk = test
            .db
            .bulk("bench", Duration::from_mins(1), async move |mut tx| {
                let next = (after, rescore_framework::CHUNK);
                rescore_framework::score_chunk(&mut tx, now, framework, next).await
            });
        match chunk.await.unwrap() {
            Some(chunk) => after = chunk.last,
            None => return begun.elapsed(),
        }
    }
}

/// The scores that were just recorded, copied in once more by the server itself, without a client that sends them.
async fn copy(conn: &mut PgConnection, rows: i64) -> Duration {
    let file = env::temp_dir().join(format!("productops-rescore-{}", std::process::id()));
    let file = file.display();
    let newest = format!("select {COLUMNS} from scores order by id desc limit {rows}");
    let out = format!("copy ({newest}) to '{file}' (format binary)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(out))
        .execute(&mut *conn)
        .await
        .unwrap();
    let into = format!("copy scores ({COLUMNS}) from '{file}' (format binary)");
    let begun = Instant::now();
    let copied = sqlx::raw_sql(sqlx::AssertSqlSafe(into))
        .execute(conn)
        .await
        .unwrap();
    let taken = begun.elapsed();
    assert_eq!(
        copied.rows_affected(),
        rows.cast_unsigned(),
        "everybody was scored"
    );
    // The server's file: it may not be ours to remove.
    let _ = std::fs::remove_file(file.to_string());
    taken
}
