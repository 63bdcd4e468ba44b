//! How many statements a request costs: counted on the wire, between the app and Postgres, whatever the number of rows.
//!
//! A round trip costs more than nearly anything it asks for, and a query in a loop is seen here first.

use crate::support::{Person, TestApp, serve};
use productops::{
    domain::rights::Role,
    store::{
        Db,
        db::{BESIDE, DbOptions},
    },
    testing::TestDb,
};
use reqwest::StatusCode;
use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy, split},
    net::{TcpListener, TcpStream, UnixStream},
};

/// The statements that went by so far.
pub(crate) type Count = Arc<AtomicUsize>;

/// The app behind a wire on which its statements are counted, and one PM in it.
pub(crate) struct Counted {
    pub(crate) app: TestApp,
    pub(crate) pm: Person,
    pub(crate) statements: Count,
}

impl Counted {
    pub(crate) async fn with_params(rows: usize) -> Self {
        let database = TestDb::new().await;
        let statements = Count::default();
        let db = Db::connect_lazily(
            over_wire(&database, Arc::clone(&statements)).await,
            DbOptions::default(),
        );
        let (base, server) = serve(db, &[("MIRROR_MODE", "off")]).await;
        let app = TestApp {
            database,
            base,
            server,
        };
        let pm = app.sign_in(Role::Pm).await;
        let seed = SEED.replace("ROWS", &rows.to_string());
        let seeded = app.database.db.write(async move |mut conn| {
            sqlx::raw_sql(sqlx::AssertSqlSafe(seed))
                .execute(&mut *conn)
                .await
        });
        seeded.await.expect("a seed");
        Self {
            app,
            pm,
            statements,
        }
    }

    async fn set_four_eyes(&self) {
        let set = "update settings set four_eyes = 'all'";
        let set = self
            .app
            .database
            .db
            .write(async move |mut conn| sqlx::query(set).execute(&mut *conn).await);
        set.await.expect("a setting");
    }

    pub(crate) async fn withdraw_all(&self) {
        let sql = "update approvals set withdrawn_at = now(), withdrawn_by = 1, withdrawn_why = 'taken back'
                   where subject_kind = 'param'";
        let withdrawn = self
            .app
            .database
            .db
            .write(async move |mut conn| sqlx::query(sql).execute(&mut *conn).await);
        withdrawn.await.expect("withdrawn approvals");
    }

    /// How many statements a request costs once the connection knows it.
    async fn cost_of<T>(&self, ask: impl AsyncFn(&Person) -> T) -> (T, usize) {
        ask(&self.pm).await;
        let before = self.statements.load(Ordering::SeqCst);
        let answer = ask(&self.pm).await;
        (answer, self.statements.load(Ordering::SeqCst) - before)
    }
}

/// One initiative on MATH_MODEL with so many params, all filled and approved, and a score.
pub(crate) const SEED: &str = r"
insert into initiatives (key, title, use_math_model, active_framework_id, created_at, created_by, updated_at, updated_by)
select 'INIT-1', 'One', true, f.id, now(), 1, now(), 1 from frameworks f where f.key = 'MATH_MODEL';
insert into math_models (initiative_id, framework_id, drives, model_name, created_at, updated_at, updated_by)
select id, active_framework_id, true, title, now(), now(), 1 from initiatives;
insert into formula_versions (owner_kind, owner_id, version, text, sha256, saved_by, saved_at)
select 'math_model', m.id, 1, 'value = param_1', sha256('value = param_1'), 1, now() from math_models m;
update math_models m set formula_version_id = v.id from formula_versions v where v.owner_kind = 'math_model' and v.owner_id = m.id;
insert into approvals (subject_kind, subject_id, part, content, formula_version_id, approved_by, approved_at, origin)
select 'math_model', id, 'formula', '{}', formula_version_id, 1, now(), 'person' from math_models;
insert into params (initiative_id, framework_id, name, position, param_display, value, unit, source, is_auto_seeded,
  value_set_by, value_set_at, created_at, updated_at, updated_by)
select i.id, i.active_framework_id, 'param_' || n, n, 'Parameter ' || n, n, '£', 'Analytics', true, 1, now(), now(), now(), 1
from initiatives i, generate_series(1, ROWS) n order by n;
insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin)
select 'param', id, part, '{}', 1, now(), 'person' from params, (values ('value'), ('range')) p(part);
insert into scores (initiative_id, framework_id, math_model_id, formula_version_id, inputs, value, lines, notes, engine,
  recorded_by, recorded_at)
select initiative_id, framework_id, id, formula_version_id, '[]', 1, '[]', '[]', 'productops-formula/1', 1, now() from math_models;
insert into initiative_frameworks (initiative_id, framework_id, is_on, status, score_id)
select initiative_id, framework_id, true, 'approved', id from scores;
";

/// The database by way of a port where frontend messages that run a statement are counted.
async fn over_wire(test: &TestDb, statements: Count) -> PgConnectOptions {
    let direct = test.connect_options();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let socket = direct
        .get_socket()
        .map(|folder| folder.join(format!(".s.PGSQL.{}", direct.get_port())));
    let server = (direct.get_host().to_owned(), direct.get_port());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (socket, server, count) = (socket.clone(), server.clone(), Arc::clone(&statements));
            tokio::spawn(async move {
                match socket {
                    Some(path) => {
                        carry(client, UnixStream::connect(path).await.unwrap(), count).await;
                    }
                    None => carry(client, TcpStream::connect(server).await.unwrap(), count).await,
                }
            });
        }
    });
    if direct.get_socket().is_some() {
        return PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .username(direct.get_username())
            .database(direct.get_database().unwrap_or_default())
            .ssl_mode(PgSslMode::Disable);
    }
    let mut url = direct.to_url_lossy();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(port)).unwrap();
    PgConnectOptions::from_url(&url)
        .unwrap()
        .ssl_mode(PgSslMode::Disable)
}

async fn carry(client: TcpStream, server: impl AsyncRead + AsyncWrite, statements: Count) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = split(server);
    let ends = tokio::join!(
        copy(&mut from_server, &mut to_client),
        count(&mut from_client, to_server, &statements)
    );
    drop(ends);
}

/// Passes on what the app says, message by message: the first has no type, and those that run something are `Q` (text)
/// and `E` (a prepared statement, which `P` has given its text and `B` chosen). What a new connection sets, and what the
/// app looks for by itself, belongs to no request.
async fn count(
    from: &mut (impl AsyncRead + Unpin),
    mut to: impl AsyncWrite + Unpin,
    statements: &Count,
) -> std::io::Result<()> {
    let startup = message(from).await?;
    to.write_all(&startup).await?;
    // What goes on beside the requests has connections of its own, which say so.
    let is_beside = String::from_utf8_lossy(&startup).contains(BESIDE);
    let (mut texts, mut chosen) = (HashMap::new(), Vec::new());
    loop {
        let kind = from.read_u8().await?;
        let message = message(from).await?;
        let mut parts = message[4..].split(|byte| *byte == 0);
        let mut next = || parts.next().unwrap_or_default().to_vec();
        match kind {
            b'P' => drop(texts.insert(next(), next())),
            b'B' => {
                next(); // the portal
                chosen = texts.get(&next()).cloned().unwrap_or_default();
            }
            b'Q' => chosen = next(),
            _ => {}
        }
        if !is_beside
            && matches!(kind, b'Q' | b'E')
            && !is_by_itself(&String::from_utf8_lossy(&chosen))
        {
            statements.fetch_add(1, Ordering::SeqCst);
        }
        to.write_u8(kind).await?;
        to.write_all(&message).await?;
        to.flush().await?;
    }
}

fn is_by_itself(statement: &str) -> bool {
    let statement = statement.trim_start().to_lowercase();
    statement.starts_with("set ")
        || statement.starts_with("update jobs")
        || (statement.contains("from score_overrides") && statement.contains("expires_at <= $1"))
}

/// A message from its length on, which counts itself.
async fn message(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let length = from.read_u32().await?;
    let mut message = length.to_be_bytes().to_vec();
    message.resize(length as usize, 0);
    from.read_exact(&mut message[4..]).await?;
    Ok(message)
}

const ROWS: [usize; 4] = [1, 20, 200, 2_000];

#[tokio::test]
async fn a_page_of_params_takes_three_statements_whatever_the_number_of_rows() {
    for rows in ROWS {
        let counted = Counted::with_params(rows).await;
        for path in [
            "/params",
            "/params?initiative=INIT-1",
            "/params?state=approved&q=param",
        ] {
            let (page, cost) = counted.cost_of(async |pm| pm.get(path).await).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.html.contains("param_1"), "{path}");
            // who asks, the page, and one’s last act on it
            assert_eq!(cost, 3, "{path} with {rows} params");
        }
    }
}

#[tokio::test]
async fn grouped_otherwise_a_page_of_params_takes_one_statement_a_group_at_most() {
    for rows in ROWS {
        let counted = Counted::with_params(rows).await;
        for (path, most) in [("/params?group=source", 9), ("/params?group=state", 6)] {
            let (page, cost) = counted.cost_of(async |pm| pm.get(path).await).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.html.contains("param_1"), "{path}");
            // beside the groups: who asks, one’s last act on the page, and for owners which there are
            assert!(cost <= most, "{path} with {rows} params takes {cost}");
        }
    }
}

#[tokio::test]
async fn four_eyes_takes_one_more_statement_a_page_and_only_where_rows_wait() {
    for rows in [1, 200] {
        let counted = Counted::with_params(rows).await;
        counted.set_four_eyes().await;
        let (page, cost) = counted.cost_of(async |pm| pm.get("/params").await).await;
        assert!(page.html.contains("Four-eyes is on"), "{}", page.html);
        assert_eq!(cost, 3, "nothing waits, {rows} params");
        counted.withdraw_all().await;
        let (page, cost) = counted.cost_of(async |pm| pm.get("/params").await).await;
        assert!(page.html.contains(">Approve</button>"), "{}", page.html);
        // who asks, the page, their last act on it, and who had a hand in what waits
        assert_eq!(cost, 4, "{rows} params wait");
        let path = "/params/1";
        let (page, cost) = counted.cost_of(async |pm| pm.get(path).await).await;
        assert_eq!(page.status, StatusCode::OK);
        // Two of them for what the LLM was asked, and whether it can be.
        assert!(cost <= 14, "{path} takes {cost} statements");
    }
}

#[tokio::test]
async fn the_queues_file_asks_once_who_had_a_hand_in_what_waits() {
    let counted = Counted::with_params(20).await;
    counted.withdraw_all().await;
    counted.app.run(WAITING).await;
    let ask = async |pm: &Person| pm.get("/queue.csv?of=analytics").await;
    let (file, without) = counted.cost_of(ask).await;
    assert!(file.html.contains("Parameter 1"), "{}", file.html);
    counted.set_four_eyes().await;
    let (_, with) = counted.cost_of(ask).await;
    assert_eq!(with, without + 1, "one kind of thing waits");
}

/// What waits as the app would note it.
const WAITING: &str = r"update initiative_frameworks set status = 'stale', stale_because = 'the approvals were withdrawn',
    stale_by = 1, stale_since = now(), missing = (
    select jsonb_agg(jsonb_build_object('what', 'approval', 'name', name, 'label', param_display, 'source', source))
    from params)";

#[tokio::test]
async fn an_edit_in_the_grid_takes_three_statements_whatever_the_number_of_rows() {
    for rows in ROWS {
        let counted = Counted::with_params(rows).await;
        let revision = AtomicUsize::new(1);
        let (answer, cost) = counted
            .cost_of(async |pm| {
                let seen = revision.fetch_add(1, Ordering::SeqCst);
                pm.post_htmx(
                    "/params/1/fields/value",
                    &[
                        (
                            "idempotency_key".into(),
                            format!("00000000-0000-4000-8000-{seen:012}"),
                        ),
                        ("seen_revision".into(), seen.to_string()),
                        ("value".into(), format!("{seen}00")),
                    ],
                )
                .await
            })
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.html);
        assert!(answer.html.contains("£200"), "{}", answer.html);
        // who asks, the param with its group, and everything that is written
        assert_eq!(cost, 3, "{rows} params");
        let logged = "select count(*) from change_log where field in ('value', 'approval')";
        // two changes, and the approval that fell with the first
        assert_eq!(counted.app.count(logged).await, 3);
        let stale = "select count(*) from initiative_frameworks where status = 'stale'";
        assert_eq!(counted.app.count(stale).await, 1);
    }
}

#[tokio::test]
async fn a_paste_takes_one_statement_for_each_param_whatever_the_number_of_cells() {
    for rows in [20, 200] {
        let counted = Counted::with_params(rows).await;
        let revision = AtomicUsize::new(1);
        let ids: Vec<_> = (1..=rows).map(|id| id.to_string()).collect();
        let (answer, cost) = counted
            .cost_of(async |pm| {
                let seen = revision.fetch_add(1, Ordering::SeqCst);
                let block: Vec<_> = (1..=rows)
                    .map(|row| format!("Label {seen}\t{row}{seen}\tu{seen}\t0 to {seen}000\tEng\t"))
                    .collect();
                let shown: Vec<_> = ids.iter().map(|id| format!("{id}:{seen}")).collect();
                let form = [
                    (
                        "idempotency_key",
                        format!("00000000-0000-4000-8000-{seen:012}"),
                    ),
                    ("seen_revisions", shown.join(",")),
                    ("text", block.join("\n")),
                    ("rows", ids.join(",")),
                    ("at", "1".to_owned()),
                    ("column", "0".to_owned()),
                    ("next", "/params".to_owned()),
                ];
                let form = form.map(|(name, value)| (name.to_owned(), value));
                pm.post_htmx("/params/paste", &form).await
            })
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.html);
        assert!(
            answer.html.contains(&format!("into {rows} rows")),
            "{}",
            answer.html
        );
        // who asks, begin, key, locks, params, each param, commit, and the page that shows it; while it lasts, the app
        // may look after something of its own
        assert!(
            (rows + 7..rows + 10).contains(&cost),
            "{rows} params: {cost}"
        );
    }
}

#[tokio::test]
async fn a_copy_takes_the_same_statements_whatever_the_number_of_initiatives() {
    let mut costs = Vec::new();
    for targets in [2_u32, 190] {
        let counted = Counted::with_params(3).await;
        let (app, made) = (&counted.app, targets * 2);
        for number in 2..made + 2 {
            let sql = format!(
                "insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
                 values ('INIT-{number}', 'Another', now(), 1, now(), 1)"
            );
            let made = app.database.db.write(async move |mut conn| {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                    .execute(&mut *conn)
                    .await
            });
            made.await.expect("an initiative");
        }
        let round = AtomicUsize::new(0);
        let (answer, cost) = counted
            .cost_of(async |pm| {
                // The first time to one half of them, then to the other.
                let round = round.fetch_add(1, Ordering::SeqCst);
                let from = 2 + targets * u32::try_from(round).unwrap();
                let rows = (from..from + targets).map(|at| ("row".into(), format!("INIT-{at}:1")));
                let mut form: Vec<(String, String)> = rows.collect();
                let key = format!("00000000-0000-4000-8000-{round:012}");
                form.push(("idempotency_key".into(), key));
                form.push(("from".into(), "pattern:rate-uplift".into()));
                form.push(("version".into(), "1".into()));
                pm.post("/copies", &form).await
            })
            .await;
        assert!(
            answer
                .text("#notices")
                .contains(&format!("copied to {targets} initiatives")),
            "{}",
            answer.html
        );
        costs.push(cost);
    }
    assert_eq!(costs[0], costs[1], "2 initiatives and 190");
    assert!(costs[0] <= 20, "a copy takes {} statements", costs[0]);
}

#[tokio::test]
async fn no_page_asks_more_the_more_rows_there_are() {
    let few = Counted::with_params(2).await;
    let many = Counted::with_params(150).await;
    for path in [
        "/backlog",
        "/initiatives/INIT-1",
        "/initiatives/INIT-1/history",
        "/math-models",
        "/math-models/1",
        "/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios",
        "/initiatives/INIT-1/frameworks/MATH_MODEL/driver",
        "/params/1",
        "/params/1/fields/value/edit",
        "/scores/1",
    ] {
        let (page, cost) = few.cost_of(async |pm| pm.get(path).await).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let (_, same) = many.cost_of(async |pm| pm.get(path).await).await;
        assert_eq!(cost, same, "{path}");
        // A page about one initiative reads it as a whole, a statement for each kind of row; two of them for what the LLM
        // was asked, and whether it can be.
        assert!(cost <= 14, "{path} takes {cost} statements");
    }
}

#[tokio::test]
async fn the_mirrors_page_takes_eight_statements_whatever_it_found() {
    for found in [1, 2_000] {
        let counted = Counted::with_params(1).await;
        let seed = format!(
            "insert into mirror_target (id, kind, address) values (1, 'google', 'x') on conflict do nothing;
             insert into mirror_difference select n, 'INIT-1', 2, 'title', 'a', 'b' from generate_series(1, {found}) n;
             insert into mirror_drift (initiative_id, field, found, is_formula, restored, at)
             select i.id, 'title', 'a', false, 'b', now() from initiatives i, generate_series(1, {found});
             insert into mirror_run (started, finished, trigger, outcome)
             select now(), now(), 'marks', 'written' from generate_series(1, {found})"
        );
        let seeded = counted.app.database.db.write(async move |mut conn| {
            sqlx::raw_sql(sqlx::AssertSqlSafe(seed))
                .execute(&mut *conn)
                .await
        });
        seeded.await.expect("a seed");
        let (page, cost) = counted.cost_of(async |pm| pm.get("/mirror").await).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.count("#differences tbody tr"), found.min(100));
        assert_eq!(page.count("#repairs tbody tr"), found.min(50));
        // who asks, and what stands in each part of the page
        assert!(cost <= 8, "{cost} with {found} of each");
    }
}

/// So many initiatives beside the seed's, whose one param follows the fact 1, of which a change waits.
const FOLLOWERS: &str = r"
insert into facts (name, value, source, value_set_by, value_set_at, created_at, updated_at, updated_by)
select 'Basket', 40, 'PM', 1, now(), now(), now(), 1;
insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin)
select 'fact', id, 'value', '{}', 1, now(), 'person' from facts;
insert into initiatives (key, title, active_framework_id, created_at, created_by, updated_at, updated_by)
select 'MORE-' || n, 'Another', f.id, now(), 1, now(), 1 from frameworks f, generate_series(1, MANY) n
where f.key = 'MATH_MODEL';
insert into params (initiative_id, framework_id, name, position, value, source, is_auto_seeded, fact_id, created_at,
  updated_at, updated_by)
select i.id, i.active_framework_id, 'basket', 1, 40, 'PM', true, f.id, now(), now(), 1 from initiatives i, facts f
where i.key like 'MORE-%';
insert into initiative_frameworks (initiative_id, framework_id, is_on, status)
select id, active_framework_id, true, 'not_ready' from initiatives where key like 'MORE-%';
";

const PROPOSED: &str =
    "insert into fact_proposals (fact_id, value, unit, source, proposed_by, proposed_at)
    select 1, coalesce((select max(value) from fact_proposals), 40) + 1, '', 'PM', 1, now()";

#[tokio::test]
async fn a_change_of_a_fact_is_looked_at_and_approved_in_as_many_statements_whatever_follows() {
    let mut costs = Vec::new();
    for many in [3, 60] {
        let counted = Counted::with_params(1).await;
        let seed = FOLLOWERS.replace("MANY", &many.to_string());
        let db = &counted.app.database.db;
        let seeded = db.write(async move |mut conn| {
            sqlx::raw_sql(sqlx::AssertSqlSafe(seed))
                .execute(&mut *conn)
                .await
        });
        seeded.await.expect("followers");
        counted.app.run(PROPOSED).await;
        let preview = "/facts/1/approval";
        let (page, looked) = counted.cost_of(async |pm| pm.get(preview).await).await;
        assert_eq!(page.count("#fact-approval"), 1, "{}", page.text("main"));
        let mut approved = 0;
        for _ in 0..2 {
            let form = counted.pm.get(preview).await;
            let (action, fields) = form.form("#fact-approval");
            let before = counted.statements.load(Ordering::SeqCst);
            let sent = counted.pm.post_htmx(&action, &fields).await;
            approved = counted.statements.load(Ordering::SeqCst) - before;
            assert!(sent.status.is_redirection(), "{}", sent.html);
            counted.app.run(PROPOSED).await;
        }
        let follow =
            "select count(*) from params p join facts f on f.id = p.fact_id and f.value = p.value";
        assert_eq!(counted.app.count(follow).await, many);
        costs.push((looked, approved));
    }
    assert_eq!(costs[0], costs[1], "looking and approving");
    let (looked, approved) = costs[0];
    assert!(looked <= 6 && approved <= 30, "{looked} and {approved}");
}

#[tokio::test]
async fn params_begin_to_follow_together_in_as_many_statements_whatever_their_number() {
    let mut costs = Vec::new();
    for many in [3, 60] {
        let counted = Counted::with_params(1).await;
        let seed = FOLLOWERS.replace("MANY", &many.to_string());
        let db = &counted.app.database.db;
        let chosen = db.write(async move |mut conn| {
            sqlx::raw_sql(sqlx::AssertSqlSafe(seed))
                .execute(&mut *conn)
                .await?;
            sqlx::raw_sql("update params set fact_id = null")
                .execute(&mut *conn)
                .await?;
            let rows = "select id || ':' || revision from params where name = 'basket'";
            sqlx::query_scalar::<_, String>(rows)
                .fetch_all(&mut *conn)
                .await
        });
        let rows = chosen.await.expect("params").into_iter();
        let mut fields: Vec<_> = rows.map(|row| ("row".to_owned(), row)).collect();
        fields.push(("fact".to_owned(), "1".to_owned()));
        let preview = "/params/facts/preview";
        let (page, looked) = counted
            .cost_of(async |pm| pm.post_htmx(preview, &fields).await)
            .await;
        assert_eq!(page.count("#follow-together"), 1, "{}", page.html);
        let mut followed = 0;
        for _ in 0..2 {
            let form = counted.pm.post(preview, &fields).await;
            let (action, fields) = form.form("#follow-together");
            let before = counted.statements.load(Ordering::SeqCst);
            counted.pm.post_htmx(&action, &fields).await;
            followed = counted.statements.load(Ordering::SeqCst) - before;
            let follow = "select count(*) from params where fact_id = 1";
            assert_eq!(counted.app.count(follow).await, many);
            counted.app.run("update params set fact_id = null").await;
        }
        costs.push((looked, followed));
    }
    assert_eq!(costs[0], costs[1], "looking and following");
    let (looked, followed) = costs[0];
    assert!(looked <= 9 && followed <= 30, "{looked} and {followed}");
}
