//! Scores that a workbook brings for initiatives which were never scored here: kept and shown as legacy, ranked nowhere,
//! and gone with the first score, with another framework, or when an admin drops them.

use crate::{
    import_pages::imported,
    support::{Page, Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

const BACKLOG: &[u8] = b"Key,Title,Value Score,Effort Score,Overall Score,Active Scoring Framework\n\
    INIT-1,Seats,\"3,840\",8,480,RICE\nINIT-2,Menus,12.5,,,\nINIT-3,Prices,,,,RICE\nINIT-4,Rows,a lot,,7,RICE\n";
const UNCHANGED: &str = "0 new, 0 changed, 4 unchanged, 0 refused, 0 skipped";

/// The workbook's backlog, brought in by an admin.
async fn brought_in(app: &TestApp) -> Person {
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.uploads("backlog.csv", BACKLOG).await;
    imported(&page, &admin, &[]).await;
    admin
}

fn figures(page: &Page) -> Vec<String> {
    page.texts("#score-card dl dd")
}

async fn scores_seats(pm: &Person) {
    for (param, value) in [
        ("reach", "100"),
        ("impact", "2"),
        ("confidence", "0.5"),
        ("effort", "4"),
    ] {
        pm.fill("INIT-1", param, "value", value).await;
        let approved = pm.approve("INIT-1", param).await;
        assert_eq!(approved.status, StatusCode::OK, "{}", approved.text("main"));
    }
}

#[tokio::test]
async fn a_workbooks_score_is_kept_and_shown_as_legacy_everywhere_and_ranked_nowhere() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.uploads("backlog.csv", BACKLOG).await;
    assert!(
        page.text("#report").contains("Scores kept as legacy"),
        "{}",
        page.text("#report")
    );
    let row = page.text("#rows tbody tr");
    assert!(row.contains("Value Score: 3840"), "{row}");
    assert!(page.text("#rows").contains("Value Score a lot"));
    imported(&page, &admin, &[]).await;

    let backlog = admin.get("/backlog").await;
    let cells = backlog.texts("#initiative-INIT-1 td.num");
    assert_eq!(cells[..4], ["", "3,840", "8", "480"], "no rank");
    let state = backlog.text("#initiative-INIT-1 .state");
    assert!(state.starts_with("Legacy"), "{state}");
    assert!(
        state.contains("From the workbook that Ada Okafor imported"),
        "{state}"
    );
    assert_eq!(
        backlog.texts("#initiative-INIT-4 td.num")[..4],
        ["", "—", "—", "7"]
    );
    assert!(!backlog.text("main").contains("Together"), "no total");
    let only = admin
        .get("/backlog?status=legacy&sort=value&dir=desc")
        .await;
    let keys = only.texts("tbody td.key");
    assert_eq!(
        keys,
        ["INIT-1", "INIT-2", "INIT-4"],
        "sorted by what is shown"
    );
    let not_ready = admin.get("/backlog?status=not_ready").await;
    assert_eq!(not_ready.texts("tbody td.key"), ["INIT-3"]);

    let page = admin.get("/initiatives/INIT-1").await;
    assert_eq!(figures(&page), ["3,840", "8", "480"]);
    assert_eq!(page.text("#score-card header .badge"), "Legacy");
    assert_eq!(page.text("#heading .badge"), "Legacy");
    assert!(
        page.text("#legacy-score")
            .contains("takes part in no rank and no total")
    );
    assert!(
        !page.text("#score-card .missing").is_empty(),
        "what is missing is still said"
    );
    let bare = admin.get("/initiatives/INIT-2").await;
    assert_eq!(figures(&bare)[0], "12.5", "without any framework too");

    let scoring = admin.get("/scoring?status=legacy").await;
    let main = scoring.text("main");
    assert!(main.contains("3,840") && main.contains("Legacy"), "{main}");
    for (file, line) in [
        (
            "/backlog.csv?status=legacy",
            "\"INIT-1\",\"Seats\",\"RICE\",3840,\"\",8,480,",
        ),
        ("/scoring.csv?status=legacy", "3840,\"\",480,\"Legacy\""),
    ] {
        let text = String::from_utf8(admin.bytes(file).await).unwrap();
        assert!(text.contains(line), "{text}");
    }
    let history = admin
        .get("/initiatives/INIT-1/history?field=legacy_score")
        .await;
    assert_eq!(
        history.text(".history li p:first-child"),
        "Ada Okafor kept the workbook’s score of INIT-1 as legacy: value 3,840, effort 8, overall 480"
    );
    assert_eq!(
        app.count("select count(*) from scores").await,
        0,
        "no receipt"
    );

    let again = admin.uploads("backlog.csv", BACKLOG).await;
    assert_eq!(again.text("#counts"), UNCHANGED);
}

#[tokio::test]
async fn the_first_score_takes_its_place_and_the_file_brings_it_back_no_more() {
    let app = TestApp::start().await;
    let admin = brought_in(&app).await;
    let pm = app.sign_in(Role::Pm).await;
    scores_seats(&pm).await;
    let page = pm.get("/initiatives/INIT-1").await;
    assert_eq!(page.text("#score-card header .badge"), "Approved");
    assert_eq!(figures(&page), ["100", "4", "25"]);
    assert_eq!(page.count("#legacy-score"), 0);
    let row = pm.get("/backlog").await.texts("#initiative-INIT-1 td.num");
    assert_eq!(row[..2], ["1", "100"]);
    let again = admin.uploads("backlog.csv", BACKLOG).await;
    assert_eq!(again.text("#counts"), UNCHANGED);
    let report = again.text("#report");
    assert!(
        report.contains("since the app scores these initiatives itself: 1."),
        "{report}"
    );

    // Another framework, not scored yet: what came before the first score stays gone.
    let form = "form[action='/initiatives/INIT-1/framework']";
    let asked = page.submit(&pm, form, &[("framework", "WSJF")]).await;
    let chosen = asked.submit_button(&pm, "Change the framework").await;
    assert!(
        chosen
            .text("#score-card header .badge")
            .starts_with("Not ready")
    );
}

#[tokio::test]
async fn an_admin_drops_it_a_pm_may_not_and_the_file_finds_it_changed_here() {
    let app = TestApp::start().await;
    let admin = brought_in(&app).await;
    let pm = app.sign_in(Role::Pm).await;
    let drop = "form[action='/initiatives/INIT-1/legacy-score/removal']";
    assert_eq!(pm.get("/initiatives/INIT-1").await.count(drop), 0);
    let page = admin.get("/initiatives/INIT-1").await;
    let dropped = page.submit(&admin, drop, &[]).await;
    assert_eq!(dropped.count("#legacy-score"), 0);
    assert!(
        dropped
            .text("#score-card header .badge")
            .starts_with("Not ready")
    );
    let undone = dropped.submit_button(&admin, "Undo").await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text("main"));
    let back = admin.get("/initiatives/INIT-1").await;
    assert!(
        back.text("#legacy-score")
            .contains("From the workbook that Ada Okafor imported")
    );
    let stale = page.submit(&admin, drop, &[("idempotency_key", "")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    back.submit(&admin, drop, &[]).await;

    let again = admin.uploads("backlog.csv", BACKLOG).await;
    let kept = again.text("#kept tbody tr");
    assert!(
        kept.contains("Value Score") && kept.contains("3,840"),
        "{kept}"
    );
    assert!(kept.contains("Ada Okafor"), "changed here by, on: {kept}");
    let done = imported(&again, &admin, &[("take", "2:value_score")]).await;
    assert!(done.text("#counts").starts_with("0 new, 1 changed"));
    let page = admin.get("/initiatives/INIT-1").await;
    assert_eq!(figures(&page), ["3,840", "8", "480"]);
}

#[tokio::test]
async fn another_framework_takes_it_away_says_so_before_and_undo_brings_both_back() {
    let app = TestApp::start().await;
    brought_in(&app).await;
    let pm = app.sign_in(Role::Pm).await;
    let form = "form[action='/initiatives/INIT-1/framework']";
    let page = pm.get("/initiatives/INIT-1").await;
    let asked = page.submit(&pm, form, &[("framework", "WSJF")]).await;
    let says = asked.text("main");
    assert!(
        says.contains(
            "The legacy score (value 3,840, effort 8, overall 480) leaves the backlog for good"
        ),
        "{says}"
    );
    let chosen = asked.submit_button(&pm, "Change the framework").await;
    assert_eq!(chosen.count("#legacy-score"), 0);
    let history = pm
        .get("/initiatives/INIT-1/history?field=legacy_score")
        .await;
    let said = history.texts(".history li p:first-child");
    assert!(
        said[0].starts_with("Priya Nair let the legacy score of INIT-1 go"),
        "{said:?}"
    );
    let page = pm.get("/initiatives/INIT-1").await;
    page.submit_button(&pm, "Undo").await;
    let page = pm.get("/initiatives/INIT-1").await;
    assert_eq!(figures(&page), ["3,840", "8", "480"]);
    assert_eq!(page.text("#score-card h2"), "RICE");
}

#[tokio::test]
async fn an_override_goes_before_it_and_names_it() {
    let app = TestApp::start().await;
    let admin = brought_in(&app).await;
    let form = admin.get("/initiatives/INIT-1/override/edit").await;
    let given = [("value", "900"), ("reason", "Signed")];
    form.submit(
        &admin,
        "form[action='/initiatives/INIT-1/override']",
        &given,
    )
    .await;
    let page = admin.get("/initiatives/INIT-1").await;
    assert_eq!(page.text("#score-card header .badge"), "Overridden");
    assert_eq!(figures(&page)[0], "900");
    assert!(page.text("#legacy-score").contains("It says value 3,840"));
    let backlog = admin.get("/backlog").await;
    let cells = backlog.texts("#initiative-INIT-1 td.num");
    assert_eq!(cells[..2], ["1", "900"]);
    let state = backlog.text("#initiative-INIT-1 .state");
    assert!(
        state.starts_with("Overridden") && state.contains("It says value 3,840"),
        "{state}"
    );
    // The sheet shows the override by now: that is the app's own.
    let mirrored = b"Key,Value Score,Score Status\nINIT-1,900,overridden\n";
    let again = admin.uploads("sheet.csv", mirrored).await;
    assert!(
        again
            .text("#counts")
            .starts_with("0 new, 0 changed, 1 unchanged")
    );
}
