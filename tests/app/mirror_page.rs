//! The mirror's page: everybody reads how it stands, an admin decides; and the steps of setting a sheet up.

use crate::{
    mirror::{Data, eventually},
    sheets::{
        people::Deed,
        service::{ACCOUNT, Fault, SPREADSHEET, Service},
        tab::Tab,
        worker::{shown, variables},
    },
    support::{Page, Person, TestApp},
};
use productops::{domain::rights::Role, mirror::grid::Cell};
use reqwest::StatusCode;

fn text(cell: &str) -> Cell {
    match cell {
        "" => Cell::Empty,
        cell => Cell::Text(cell.to_owned()),
    }
}

fn tab(rows: &[&[&str]]) -> Tab {
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| row.iter().copied().map(text).collect())
        .collect();
    Tab::new("Backlog", &rows, (30, 8))
}

/// A header with another name for a field, and with rows that are odd.
pub(crate) fn odd_tab() -> Tab {
    tab(&[
        &[
            "PM Notes",
            "Initiative Key",
            "Initiative Title",
            "Country",
            "Score Status",
        ],
        &["mine", "INIT-1", "As it was", "", ""],
        &["", "INIT-1", "Twice", "", ""],
        &["", "INIT-77", "Nobody’s", "", ""],
    ])
}

pub(crate) async fn start(service: &Service, mode: Option<&str>) -> TestApp {
    let mut variables = variables(service);
    variables.extend(mode.map(|mode| ("MIRROR_MODE", mode.to_owned())));
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    TestApp::start_with(&variables).await
}

/// Waits until the page says that.
pub(crate) async fn says(person: &Person, selector: &str, part: &str) -> Page {
    let mut page = person.get("/mirror").await;
    eventually(&format!("“{part}” in {selector}"), async || {
        page = person.get("/mirror").await;
        page.find_text(selector)
            .is_some_and(|said| said.contains(part))
    })
    .await;
    page
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[tokio::test]
async fn without_a_spreadsheet_the_page_says_where_the_file_is_and_gives_it() {
    let data = Data::new();
    let app = TestApp::start_with(&[("PRODUCTOPS_DATA_DIR", data.folder())]).await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Loyalty prices", "RICE").await;
    data.says("INIT-1", "title", "Loyalty prices").await;
    let page = says(&pm, "#standing", "In step").await;
    let said = page.text("#standing");
    assert!(said.contains("No Google sheet is set up"), "{said}");
    assert!(said.contains(data.folder()), "{said}");
    assert!(said.contains("Write, as configured"), "{said}");
    assert!(
        page.text("#rows").contains("1 of 1"),
        "{}",
        page.text("#rows")
    );
    assert!(
        page.text("#runs").contains("Written"),
        "{}",
        page.text("#runs")
    );
    let file = pm.bytes("/mirror/central_backlog.csv").await;
    assert!(String::from_utf8(file).unwrap().contains("Loyalty prices"));
}

#[tokio::test]
async fn before_the_mirror_has_a_file_there_is_nothing_to_give() {
    let app = TestApp::start().await;
    let viewer = app.sign_in(Role::Viewer).await;
    eventually("the mirror", async || {
        app.count("select count(*) from mirror_target").await == 1
    })
    .await;
    let page = viewer.get("/mirror").await;
    assert!(
        page.text("#standing").contains("Off"),
        "{}",
        page.text("#standing")
    );
    assert!(
        page.text("#standing").contains("never"),
        "{}",
        page.text("#standing")
    );
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "").await;
    let page = viewer.get("/mirror").await;
    let said = page.text("#standing");
    assert!(said.contains("1 initiative, the oldest for"), "{said}");
}

#[tokio::test]
async fn only_an_admin_decides_and_everybody_reads_why_they_cannot() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    eventually("the mirror", async || {
        app.count("select count(*) from mirror_target").await == 1
    })
    .await;
    assert_eq!(admin.get("/mirror").await.count("#controls form"), 3);
    let before = app.count("select revision from mirror_target").await;
    for role in Role::ALL {
        if role == Role::Admin {
            continue;
        }
        let person = app.sign_in(role).await;
        let page = person.get("/mirror").await;
        assert_eq!(page.status, StatusCode::OK, "{role:?}");
        assert_eq!(page.count("main form"), 0, "{role:?}");
        let why = page.text("#controls");
        assert!(why.contains("admin"), "{role:?}: {why}");
        for (path, sent) in [
            ("/mirror/run", &[][..]),
            ("/mirror/mode", &[("mode", "write")]),
            ("/mirror/mode", &[("mode", "nonsense")]),
            ("/mirror/pause", &[("for", "ever")]),
            ("/mirror/pause", &[("for", "nonsense")]),
            ("/mirror/resumption", &[]),
            ("/mirror/confirmation", &[("token", "first_write")]),
            ("/mirror/missing-columns/refusal", &[]),
            ("/mirror/columns", &[("field", "title"), ("theirs", "yes")]),
            ("/mirror/tabs", &[("tab", "params"), ("on", "yes")]),
            ("/mirror/tabs", &[("tab", "nonsense"), ("on", "yes")]),
            ("/mirror/formats", &[]),
            ("/mirror/left-out", &[("key", "INIT-1"), ("left", "yes")]),
            ("/mirror/left-out", &[("key", "x"), ("left", "yes")]),
        ] {
            let mut sent = form(sent);
            sent.extend(form(&[("seen_revision", "1")]));
            let refused = person.post(path, &sent).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role:?} {path}");
        }
    }
    assert_eq!(
        app.count("select revision from mirror_target").await,
        before
    );
}

#[tokio::test]
async fn what_a_write_would_change_is_shown_before_an_admin_lets_it_write() {
    let service = Service::with(odd_tab()).await;
    let app = start(&service, None).await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Loyalty prices", "RICE").await;
    pm.create("INIT-2", "Seat choice", "").await;
    let admin = app.sign_in(Role::Admin).await;
    let page = says(&admin, "#differences", "Loyalty prices").await;
    let page = if page.text("#differences").contains("INIT-2") {
        page
    } else {
        says(&admin, "#differences", "INIT-2").await
    };
    assert!(page.text("#standing").contains("Observing"));
    let standing = page.text("#standing");
    assert!(standing.contains("tab “Backlog”"), "{standing}");
    assert!(
        standing.contains("Asked of Google in the last minute"),
        "{standing}"
    );
    assert!(!standing.contains("0 reads"), "{standing}");
    let link = page.attribute("#standing dl a", "href");
    assert_eq!(
        link,
        format!("https://docs.google.com/spreadsheets/d/{SPREADSHEET}/edit#gid=7")
    );
    let first = page.text("#differences tbody tr");
    assert!(
        first.contains("INIT-1") && first.contains("As it was"),
        "{first}"
    );
    let rows = page.text("#rows");
    assert!(rows.contains("INIT-1 in rows 2 and 3"), "{rows}");
    assert!(rows.contains("INIT-77 in row 4"), "{rows}");
    assert_eq!(page.attribute("#rows p a", "href"), "/imports");
    let columns = page.text("#columns");
    assert!(columns.contains("another name of the field"), "{columns}");
    assert!(columns.contains("No column"), "{columns}");
    // Choosing to write asks first, and changes nothing.
    let asked = page
        .submit(&admin, "form[action='/mirror/mode']", &[("mode", "write")])
        .await;
    assert_eq!(asked.status, StatusCode::OK);
    let question = asked.text(".ask");
    assert!(
        question.contains("a write would have changed"),
        "{question}"
    );
    assert!(question.contains("added 1 row"), "{question}");
    assert_eq!(
        app.count("select count(*) from mirror_target where mode is null")
            .await,
        1
    );
    assert_eq!(service.calls().1, 0);
    let page = asked.submit_button(&admin, "Let the mirror write").await;
    assert!(page.text("#standing").contains("Write, chosen by an admin"));
    // It would change much of what stands there: the mirror itself asks once more.
    let page = says(&admin, "#standing", "The first write would change").await;
    assert!(page.text("#differences").contains("As it was"));
    assert_eq!(service.calls().1, 0);
    let old = [("token", "keys_gone:1"), ("seen_revision", "1")];
    let refused = admin.post("/mirror/confirmation", &form(&old)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .text("#notices")
            .contains("doesn’t ask that any more")
    );
    page.submit_button(&admin, "I have looked").await;
    let page = says(&admin, "#standing", "In step").await;
    assert!(page.text("#differences").contains("Nothing, as of"));
    assert_eq!(page.count("#differences tbody tr"), 0);
    let history = page.text("#decisions");
    assert!(history.contains("set the mirror to write"), "{history}");
    assert!(history.contains("confirmed to the mirror"), "{history}");
}

#[tokio::test]
async fn an_admin_pauses_resumes_and_asks_for_a_run() {
    let service = Service::with(odd_tab()).await;
    let app = start(&service, Some("observe")).await;
    let admin = app.sign_in(Role::Admin).await;
    let page = says(&admin, "#standing", "Observing").await;
    let page = page.submit_button(&admin, "Pause for an hour").await;
    assert!(
        page.text("#standing").contains("Paused until"),
        "{}",
        page.text("#standing")
    );
    assert!(
        page.text("#controls")
            .contains("The mirror is paused. Resume it first.")
    );
    let hour = "select count(*) from mirror_target where paused_until - now() between interval '59 minutes' and \
        interval '61 minutes'";
    assert_eq!(app.count(hour).await, 1);
    let page = page.submit_button(&admin, "Resume").await;
    let page = page.submit_button(&admin, "Pause until resumed").await;
    let said = page.text("#standing");
    assert!(said.contains("Paused until somebody resumes it"), "{said}");
    let said = page.text("#decisions");
    assert!(
        said.contains("paused the mirror until somebody resumes it"),
        "{said}"
    );
    service.calls();
    let page = page.submit_button(&admin, "Resume").await;
    page.submit_button(&admin, "Mirror now").await;
    eventually("a look", async || service.state().asked.contains(&"read")).await;
    let wrong = form(&[("for", "a while"), ("seen_revision", "1")]);
    let refused = admin.post("/mirror/pause", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let asked = "select count(*) from change_log where field = 'mirror_asked'";
    assert_eq!(app.count(asked).await, 1);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_decides_once_and_whoever_is_second_is_told() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    eventually("the mirror", async || {
        app.count("select count(*) from mirror_target").await == 1
    })
    .await;
    let page = admin.get("/mirror").await;
    let mode = "form[action='/mirror/mode']";
    for _ in 0..2 {
        let saved = page.submit(&admin, mode, &[("mode", "observe")]).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
    }
    let set = "select count(*) from change_log where field = 'mirror_mode'";
    assert_eq!(app.count(set).await, 1);
    let second = page.submit(&admin, mode, &[("mode", "off")]).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    let said = second.text(".conflict");
    assert!(said.contains("set the mirror to observe"), "{said}");
    assert_eq!(
        second.count("#mode-off[checked]"),
        1,
        "what was chosen stays"
    );
    let anyway = second.submit(&admin, mode, &[("mode", "off")]).await;
    assert_eq!(anyway.status, StatusCode::OK);
    let off = "select count(*) from mirror_target where mode = 'off'";
    assert_eq!(app.count(off).await, 1);
    let unknown = form(&[("mode", "on"), ("seen_revision", "9")]);
    let unknown = admin.post("/mirror/mode", &unknown).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unknown
            .text("#notices")
            .contains("Choose what the mirror may do")
    );
}

#[tokio::test]
async fn a_column_is_handed_back_and_taken_again_and_a_row_left_out_and_put_back() {
    let service = Service::with(tab(&[
        &["Initiative Key", "Title", "Country", "Score Status"],
        &["INIT-1", "Loyalty prices", "", ""],
    ]))
    .await;
    let app = start(&service, Some("write")).await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Loyalty prices", "").await;
    pm.create("INIT-2", "Seat choice", "").await;
    let admin = app.sign_in(Role::Admin).await;
    let page = says(&admin, "#rows", "2 of 2").await;
    let country = page
        .texts("#columns form")
        .iter()
        .position(|said| said.contains("country"));
    assert!(country.is_some(), "{}", page.text("#columns"));
    let sent = [
        ("field", "country"),
        ("theirs", "yes"),
        ("seen_revision", "1"),
    ];
    let back = admin.post("/mirror/columns", &form(&sent)).await;
    let columns = back.text("#columns");
    assert!(columns.contains("people write it"), "{columns}");
    let again = back.submit_button(&admin, "Take it again").await;
    assert!(!again.text("#columns").contains("people write it"));
    let computed = [
        ("field", "value_score"),
        ("theirs", "yes"),
        ("seen_revision", "1"),
    ];
    let refused = admin.post("/mirror/columns", &form(&computed)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let left = "form[action='/mirror/left-out']";
    for nonsense in ["INIT-99", "<b>", ""] {
        let refused = again.submit(&admin, left, &[("key", nonsense)]).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{nonsense}"
        );
        assert!(refused.text("#notices").contains("There is no initiative"));
    }
    let page = again.submit(&admin, left, &[("key", " INIT-2 ")]).await;
    assert!(
        page.text("#rows").contains("Put it back"),
        "{}",
        page.text("#rows")
    );
    Deed::DeleteRow(2).happens_to(&mut service.state().tab);
    page.submit_button(&admin, "Mirror now").await;
    eventually("the row stays deleted", async || {
        let runs = admin.get("/mirror").await.text("#runs");
        runs.contains("Somebody asked")
    })
    .await;
    assert_eq!(shown(&service, "INIT-2", "Title"), None);
    let page = admin.get("/mirror").await;
    page.submit_button(&admin, "Put it back").await;
    eventually("the row is back", async || {
        shown(&service, "INIT-2", "Title").is_some()
    })
    .await;
    assert!(
        !admin
            .get("/mirror")
            .await
            .text("#rows")
            .contains("Put it back")
    );
}

#[tokio::test]
async fn without_a_column_for_the_status_the_page_asks_until_it_is_declined() {
    let service = Service::with(tab(&[&["Initiative Key", "Title"], &["INIT-1", "x"]])).await;
    let app = start(&service, Some("observe")).await;
    let admin = app.sign_in(Role::Admin).await;
    let page = says(&admin, "#standing", "has no column score_status").await;
    let viewer = app.sign_in(Role::Viewer).await;
    assert_eq!(viewer.get("/mirror").await.count("#standing form"), 0);
    let page = page.submit_button(&admin, "Go on without it").await;
    assert!(
        !page.text("#standing").contains("has no column"),
        "{}",
        page.text("#standing")
    );
    let said = page.text("#decisions");
    assert!(
        said.contains("the sheet has no columns for what it lacks"),
        "{said}"
    );
}

#[tokio::test]
async fn a_hand_edit_is_listed_with_what_was_put_back_as_text() {
    let service = Service::with(odd_tab()).await;
    let app = start(&service, Some("write")).await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Loyalty <b>prices</b>", "").await;
    let admin = app.sign_in(Role::Admin).await;
    says(&admin, "#standing", "In step").await;
    Deed::Type(1, 2, text("<script>by hand</script>")).happens_to(&mut service.state().tab);
    let page = admin.get("/mirror").await;
    page.submit_button(&admin, "Mirror now").await;
    let page = says(&admin, "#repairs", "by hand").await;
    assert_eq!(page.count("#repairs script"), 0);
    let row = page.text("#repairs tbody tr");
    assert!(
        row.contains("INIT-1") && row.contains("Loyalty <b>prices</b>"),
        "{row}"
    );
}

#[tokio::test]
async fn a_list_of_many_differences_is_read_page_by_page() {
    let header = ["Initiative Key", "Title", "Score Status"];
    let keys: Vec<String> = (1..=150).map(|n| format!("INIT-{n}")).collect();
    let rows: Vec<Vec<&str>> = keys
        .iter()
        .map(|key| vec![key.as_str(), "x", "y"])
        .collect();
    let mut all: Vec<&[&str]> = vec![&header];
    all.extend(rows.iter().map(Vec::as_slice));
    let cells: Vec<Vec<Cell>> = all
        .iter()
        .map(|row| row.iter().copied().map(text).collect())
        .collect();
    let service = Service::with(Tab::new("Backlog", &cells, (200, 5))).await;
    let app = start(&service, None).await;
    app.run(
        "insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
         select 'INIT-' || n, 'Title ' || n, now(), 1, now(), 1 from generate_series(1, 150) n",
    )
    .await;
    let admin = app.sign_in(Role::Admin).await;
    says(&admin, "#standing", "Observing").await;
    let page = admin.get("/mirror").await;
    page.submit_button(&admin, "Mirror now").await;
    let page = says(&admin, "#differences", "Cells 1 to 100 of 300").await;
    let mut seen = page.texts("#differences tbody th").len();
    let mut next = page;
    for _ in 0..2 {
        let href = next.attribute("#differences [rel=next]", "href");
        next = admin.get(href.split('#').next().unwrap()).await;
        seen += next.texts("#differences tbody th").len();
    }
    assert_eq!(seen, 300);
    assert_eq!(next.count("#differences [rel=next]"), 0);
    for nonsense in ["/mirror?after=99999", "/mirror?after=-5"] {
        assert_eq!(
            admin.get(nonsense).await.status,
            StatusCode::OK,
            "{nonsense}"
        );
    }
    let bad = admin.get("/mirror?after=x").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_steps_say_what_is_done_what_is_next_and_what_goes_wrong() {
    let app = TestApp::start().await;
    let viewer = app.sign_in(Role::Viewer).await;
    let page = viewer.get("/mirror/set-up").await;
    let badges = |page: &Page| page.texts("#steps .badge").join(", ");
    assert_eq!(
        badges(&page),
        "Next, Later, Later, Later, Later, Later, Later"
    );
    assert!(page.text("#steps").contains("once the app has the key"));

    let service = Service::with(odd_tab()).await;
    let key = service.key();
    let app = TestApp::start_with(&[
        ("MIRROR_MODE", "off"),
        ("GOOGLE_SERVICE_ACCOUNT_JSON", &key),
    ])
    .await;
    let page = app.sign_in(Role::Admin).await.get("/mirror/set-up").await;
    assert_eq!(
        badges(&page),
        "Done, Done, Next, Later, Later, Later, Later"
    );
    assert_eq!(page.attribute("#account", "value"), ACCOUNT);
    assert!(!page.html.contains("PRIVATE KEY"));

    let app = TestApp::start_with(&[
        ("MIRROR_MODE", "off"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json"),
    ])
    .await;
    let page = app.sign_in(Role::Admin).await.get("/mirror/set-up").await;
    assert_eq!(
        badges(&page),
        "Done, Goes wrong, Later, Later, Later, Later, Later"
    );
    assert!(
        page.text("#steps")
            .contains("GOOGLE_APPLICATION_CREDENTIALS can’t be read")
    );
}

#[tokio::test]
async fn a_sheet_that_is_not_shared_says_so_at_its_step_and_the_steps_go_on_when_it_is() {
    let service = Service::with(odd_tab()).await;
    for _ in 0..2 {
        let denied = Fault::Refuse(403, "The caller does not have permission", None);
        service.state().read_faults.push_back(denied);
    }
    let app = start(&service, None).await;
    let admin = app.sign_in(Role::Admin).await;
    let page = says(&admin, "#standing", "Share the spreadsheet with").await;
    let said = page.text("#standing .error");
    assert!(
        said.contains("403 The caller does not have permission"),
        "{said}"
    );
    assert!(said.contains(ACCOUNT), "{said}");
    assert!(page.text("#standing").contains("Failing since"));
    let badges = async || {
        let page = admin.get("/mirror/set-up").await;
        page.texts("#steps .badge").join(", ")
    };
    says(&admin, "#standing", "Observing").await;
    assert_eq!(badges().await, "Done, Done, Done, Done, Done, Done, Next");
}
