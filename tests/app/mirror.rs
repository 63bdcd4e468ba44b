//! The mirror as people find it: a file that follows what they do in the app, and keeps what is theirs.

use crate::support::{Person, TestApp, serve};
use productops::{
    actions::{Actor, Through},
    clock::Clock,
    domain::rights::Role,
    imports::{self, Kind, Options},
    store::users,
};
use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// How long the mirror may take; the promise is seconds, the machine may be busy.
const LIMIT: Duration = Duration::from_secs(20);

/// A data folder of its own.
pub(crate) struct Data(PathBuf);

impl Data {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("productops-mirror-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The folder's path.
    pub(crate) fn folder(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn file(&self) -> PathBuf {
        self.0.join("central_backlog.csv")
    }

    async fn serves(&self) -> TestApp {
        let folder = self.0.to_str().unwrap();
        TestApp::start_with(&[("PRODUCTOPS_DATA_DIR", folder)]).await
    }

    /// The rows of the file by their keys, each a map from header to text.
    pub(crate) fn rows(&self) -> HashMap<String, HashMap<String, String>> {
        let Ok(mut reader) = csv::Reader::from_path(self.file()) else {
            return HashMap::new();
        };
        let headers = reader.headers().unwrap().clone();
        let rows = reader.records().map(Result::unwrap).map(|row| {
            let cells = headers.iter().zip(row.iter());
            let row: HashMap<_, _> = cells.map(|(h, c)| (h.to_owned(), c.to_owned())).collect();
            (row.get("initiative_key").cloned().unwrap_or_default(), row)
        });
        rows.collect()
    }

    /// Waits until the file says that.
    pub(crate) async fn says(&self, key: &str, field: &str, text: &str) {
        eventually(&format!("{key} with {field} “{text}”"), async || {
            let rows = self.rows();
            rows.get(key)
                .is_some_and(|row| row.get(field).is_some_and(|found| found == text))
        })
        .await;
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < LIMIT, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn scored(app: &TestApp) -> Person {
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "29,900").await;
    pm.approve("INIT-1", "sessions").await;
    pm
}

#[tokio::test]
async fn a_preview_of_numbers_that_nobody_approved_is_never_in_the_file() {
    let data = Data::new();
    let app = data.serves().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "29,900").await;
    let card = pm.get("/initiatives/INIT-1").await.text("#score-card");
    assert!(
        card.contains("Preview") && card.contains("59,800"),
        "{card}"
    );
    eventually("the file has caught up", async || {
        app.count("select count(*) from mirror_dirty").await == 0 && !data.rows().is_empty()
    })
    .await;
    let row = data.rows().remove("INIT-1").unwrap();
    assert_eq!(row["value_score"], "");
    assert!(row.values().all(|cell| !cell.contains("59800")), "{row:?}");
}

#[tokio::test]
async fn an_approved_score_is_in_the_file_with_its_status_and_goes_stale_with_it() {
    let data = Data::new();
    let app = data.serves().await;
    let pm = scored(&app).await;
    data.says("INIT-1", "value_score", "59800").await;
    let row = data.rows().remove("INIT-1").unwrap();
    assert_eq!(row["title"], "Checkout conversion value");
    assert_eq!(row["active_scoring_framework"], "MATH_MODEL");
    assert_eq!(row["use_math_model"], "TRUE");
    assert_eq!(row["score_status"], "approved");
    assert_eq!(row["updated_source"], "productops/local");
    let receipt = app.count("select max(id) from scores").await;
    assert_eq!(row["receipt"], format!("/scores/{receipt}"));
    pm.fill("INIT-1", "sessions", "value", "30,000").await;
    data.says("INIT-1", "score_status", "stale").await;
    let row = data.rows().remove("INIT-1").unwrap();
    assert_eq!(
        row["value_score"], "59800",
        "a stale score keeps its number"
    );
    assert!(
        row["score_note"].contains("Priya Nair"),
        "{}",
        row["score_note"]
    );
    eventually("no mark is left", async || {
        app.count("select count(*) from mirror_dirty").await == 0
    })
    .await;
}

#[tokio::test]
async fn a_hand_edit_of_our_cell_is_put_right_and_recorded_and_peoples_own_stays() {
    let data = Data::new();
    let app = data.serves().await;
    let _pm = scored(&app).await;
    data.says("INIT-1", "value_score", "59800").await;
    let text = fs::read_to_string(data.file()).unwrap();
    let mut lines = text.lines().map(str::to_owned).collect::<Vec<_>>();
    lines[0] = format!("\"PM Notes\",{}", lines[0]);
    lines[1] = format!(
        "\"=A1+\"\"x\"\"\",{}",
        lines[1].replace(",59800,", ",1000000,")
    );
    lines.insert(1, "a note without a key".to_owned());
    fs::write(data.file(), lines.join("\r\n")).unwrap();
    eventually("the repair", async || {
        fs::read_to_string(data.file()).unwrap().contains(",59800,")
    })
    .await;
    lines[2] = lines[2].replace(",1000000,", ",59800,");
    assert_eq!(fs::read_to_string(data.file()).unwrap(), lines.join("\r\n"));
    eventually("its record", async || {
        let repaired = "select count(*) from mirror_drift \
            where field = 'value_score' and found = '1000000' and restored = '59800'";
        app.count(repaired).await == 1
    })
    .await;
    assert_eq!(app.count("select count(*) from mirror_drift").await, 1);
}

#[tokio::test]
async fn a_file_that_was_deleted_comes_back() {
    let data = Data::new();
    let app = data.serves().await;
    let _pm = scored(&app).await;
    data.says("INIT-1", "value_score", "59800").await;
    fs::remove_file(data.file()).unwrap();
    data.says("INIT-1", "value_score", "59800").await;
    assert_eq!(app.count("select count(*) from mirror_drift").await, 0);
}

#[tokio::test]
async fn what_was_committed_and_never_written_is_written_by_whoever_comes_next() {
    let data = Data::new();
    // The mirror is off: as if the app ended between the commit and the write.
    let app = TestApp::start_with(&[("MIRROR_MODE", "off")]).await;
    let _pm = scored(&app).await;
    let marks = "select count(*) from mirror_dirty where version > 1";
    assert_eq!(app.count(marks).await, 1, "one mark for all its edits");
    assert!(!data.file().exists());
    app.server.abort();
    let folder = data.0.to_str().unwrap();
    let _next = serve(app.database.db.apart(4), &[("PRODUCTOPS_DATA_DIR", folder)]).await;
    data.says("INIT-1", "value_score", "59800").await;
    eventually("no mark is left", async || {
        app.count("select count(*) from mirror_dirty").await == 0
    })
    .await;
}

#[tokio::test]
async fn a_lead_that_is_lost_is_taken_again() {
    let data = Data::new();
    let app = data.serves().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Loyalty prices", "RICE").await;
    data.says("INIT-1", "score_status", "not ready").await;
    let ended = "select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' \
        and database = (select oid from pg_database where datname = current_database())";
    assert_eq!(app.count(ended).await, 1, "one leads");
    pm.create("INIT-2", "Seat choice", "").await;
    data.says("INIT-2", "title", "Seat choice").await;
}

#[tokio::test]
async fn a_sheet_that_cannot_be_trusted_is_left_alone_and_says_why() {
    let data = Data::new();
    let text = "Title,PM Notes\nmine,too\n";
    fs::write(data.file(), text).unwrap();
    let app = data.serves().await;
    let pm = scored(&app).await;
    eventually("the reason", async || {
        let told = "select count(*) from mirror_target where last_error like '%initiative_key%'";
        app.count(told).await == 1
    })
    .await;
    assert_eq!(fs::read_to_string(data.file()).unwrap(), text);
    assert!(app.count("select count(*) from mirror_dirty").await > 0);
    let page = pm.get("/backlog").await;
    assert!(page.text("#initiative-INIT-1").contains("59,800"));
    fs::write(data.file(), "title,initiative_key\n").unwrap();
    data.says("INIT-1", "title", "Checkout conversion value")
        .await;
}

#[tokio::test]
async fn the_file_comes_back_in_through_an_import_without_changing_anything() {
    let data = Data::new();
    let app = data.serves().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "=SUM(A1:A9)", "RICE").await;
    let form = pm.get("/initiatives/INIT-1/fields/target_kpi/edit").await;
    form.submit(&pm, "form.edit", &[("value", "+1 point")])
        .await;
    data.says("INIT-1", "target_kpi", "'+1 point").await;
    assert_eq!(data.rows()["INIT-1"]["title"], "'=SUM(A1:A9)");
    let bytes = fs::read(data.file()).unwrap();
    let db = &app.database.db;
    let user = db.read(async move |mut conn| users::get_system(&mut conn).await);
    let user = user.await.unwrap();
    let actor = Actor::new(&user, Through::Import);
    let file = (Kind::Backlog, bytes.as_slice());
    let report = imports::run(db, actor, Clock::system().now(), file, Options::default()).await;
    let report = report.unwrap();
    assert_eq!(
        (report.unchanged, report.changed, report.new),
        (1, 0, 0),
        "{report:?}"
    );
    assert_eq!(
        (report.refusals.len(), report.kept.len()),
        (0, 0),
        "{report:?}"
    );
    assert_eq!(report.ignored_columns, Vec::<String>::new());
}
