//! A workbook comes in: what of it is taken, what is refused and why, and what stays as people changed it here.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails there")]

use crate::support::TestApp;
use chrono::{DateTime, Utc};
use productops::{
    actions::{
        ActionError, Actor, Outcome, Through, frameworks as framework_acts,
        initiatives as initiative_acts, math_models as model_acts, params as param_acts,
    },
    clock::Clock,
    domain::{
        amount::DecimalSeparator,
        approval::Origin,
        formula::Formula,
        ids::InitiativeKey,
        initiative::{Field, Initiative},
        math_model::MathModel,
        param::{Number, Param, TextField},
        param_input::{ParamField, Typed},
        rights::Role,
        scoring::{Case, FormulaState, Missing, preview},
    },
    imports::{self, ImportError, Kind, Options, Report, sample},
    store::{
        Db, change_log,
        db::Conn,
        frameworks, initiatives, math_models, params,
        scores::{self, Standing},
        users,
    },
    testing::TestDb,
};
use reqwest::StatusCode;
use sqlx::ConnectOptions as _;
use std::{fmt::Write as _, future::Future, process::Command, time::Duration};

const BACKLOG: &str = include_str!("../fixtures/grocer/central_backlog.csv");
const MATH_MODELS: &str = include_str!("../fixtures/grocer/math_models.csv");
const PARAMS: &str = include_str!("../fixtures/grocer/params.csv");
const GROCER: [(Kind, &str); 3] = [
    (Kind::Backlog, BACKLOG),
    (Kind::MathModels, MATH_MODELS),
    (Kind::Params, PARAMS),
];

const PLAIN: Options = Options {
    dry_run: false,
    with_approvals: false,
    clear_blanks: false,
};
const APPROVING: Options = Options {
    dry_run: false,
    with_approvals: true,
    clear_blanks: false,
};
const REHEARSING: Options = Options {
    dry_run: true,
    with_approvals: true,
    clear_blanks: false,
};

fn now() -> DateTime<Utc> {
    Clock::system().now()
}

async fn command_line(db: &Db) -> Actor {
    let found = db
        .read(async move |mut conn| users::get_system(&mut conn).await)
        .await;
    Actor::new(&found.unwrap(), Through::Import)
}

async fn import(db: &Db, kind: Kind, csv: &str, options: Options) -> Report {
    let actor = command_line(db).await;
    imports::run(db, actor, now(), (kind, csv.as_bytes()), options)
        .await
        .unwrap()
}

async fn import_grocer(db: &Db, options: Options) -> Vec<Report> {
    let mut reports = Vec::new();
    for (kind, csv) in GROCER {
        reports.push(import(db, kind, csv, options).await);
    }
    reports
}

/// New, changed, unchanged, refused, skipped.
fn counts(report: &Report) -> [usize; 5] {
    [
        report.new,
        report.changed,
        report.unchanged,
        report.refused,
        report.skipped,
    ]
}

/// Everything of one initiative and one of its frameworks.
struct Seen {
    initiative: Initiative,
    standing: Option<Standing>,
    model: Option<MathModel>,
    params: Vec<Param>,
}

impl Seen {
    fn param(&self, name: &str) -> &Param {
        self.params.iter().find(|param| param.name == name).unwrap()
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.param(name).value.as_ref().map(Number::decimal)
    }

    /// Value, effort and overall of the recorded score, if it stands.
    fn scores(&self) -> Option<(f64, Option<f64>, Option<f64>)> {
        let standing = self.standing.as_ref()?;
        let score = standing
            .score
            .as_ref()
            .filter(|_| standing.status == "approved")?;
        Some((score.value, score.effort, score.overall))
    }

    fn missing(&self) -> &[Missing] {
        self.standing
            .as_ref()
            .map_or(&[], |standing| &standing.missing)
    }
}

async fn see(db: &Db, key: &str, framework: &str) -> Seen {
    let (key, framework): (InitiativeKey, _) = (key.parse().unwrap(), framework.to_owned());
    let seen = db.read(async move |mut conn| -> sqlx::Result<Option<Seen>> {
        let Some(initiative) = initiatives::get(&mut conn, &key).await? else {
            return Ok(None);
        };
        let all = frameworks::list(&mut conn).await?;
        let with = all.iter().find(|known| known.key == framework).unwrap().id;
        let standings = scores::standings(&mut conn, initiative.id).await?;
        let which = math_models::Which::Of(initiative.id, with);
        Ok(Some(Seen {
            standing: standings
                .into_iter()
                .find(|standing| standing.framework_id == with),
            model: math_models::get(&mut conn, which).await?,
            params: params::list(&mut conn, params::Which::Of(initiative.id, with)).await?,
            initiative,
        }))
    });
    seen.await.unwrap().unwrap()
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    let read = async move |mut conn: Conn| sqlx::query_scalar(sql).fetch_one(&mut *conn).await;
    db.read(read).await.unwrap()
}

/// Something a PM does in the browser.
async fn by_hand<T, F, Fut>(db: &Db, act: F) -> T
where
    F: FnOnce(Conn, Actor) -> Fut + Send + 'static,
    Fut: Future<Output = Outcome<T>> + Send,
    T: Send + 'static,
{
    let done = db.transaction(async move |mut tx| -> Outcome<T> {
        users::insert_sample_people(&mut tx).await?;
        let pm = users::get_by_email(&mut tx, "priya@example.com").await?;
        act(tx, Actor::new(&pm.unwrap(), Through::Form)).await
    });
    done.await.unwrap()
}

async fn type_value(db: &Db, param: &Param, field: ParamField, typed: &'static str) {
    let (id, seen) = (param.id, param.revision);
    by_hand(db, async move |mut tx, pm| {
        let typed = Typed::one(typed);
        param_acts::change_field_in_turn(&mut tx, &pm, now(), id, (field, &typed, seen), None).await
    })
    .await;
}

async fn set_title(db: &Db, key: &'static str, title: &'static str) {
    by_hand(db, async move |mut tx, pm| {
        let key: InitiativeKey = key.parse().unwrap();
        let seen = initiatives::get(&mut tx, &key).await?.unwrap().revision;
        let field = Field::from_key("title").unwrap();
        initiative_acts::change_field(
            &mut tx,
            &pm,
            now(),
            &key,
            (field, (title, DecimalSeparator::Point), seen),
        )
        .await
    })
    .await;
}

#[tokio::test]
async fn the_grocers_workbook_gives_its_known_results() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    let [backlog, models, filled] = <[_; 3]>::try_from(import_grocer(db, APPROVING).await).unwrap();
    assert_eq!(counts(&backlog), [36, 0, 0, 0, 5], "{backlog}");
    assert_eq!(backlog.refusals, []);
    assert_eq!(counts(&models), [0, 23, 0, 0, 0], "{models}");
    assert_eq!(
        (models.refusals.as_slice(), models.approvals_taken),
        (&[][..], 3)
    );
    assert_eq!(counts(&filled), [0, 67, 0, 0, 0], "{filled}");
    let refused: Vec<_> = filled
        .refusals
        .iter()
        .map(|r| (r.column.as_str(), r.typed.as_str()))
        .collect();
    assert_eq!(refused, [("value", "80")], "{filled}");

    for (key, framework, value, effort, overall) in [
        (
            "INIT-123",
            "MATH_MODEL",
            59_800.0,
            70.0,
            854.285_714_285_714,
        ),
        (
            "INIT-102",
            "MATH_MODEL",
            120_000.0,
            35.0,
            3_428.571_428_571_43,
        ),
        ("INIT-124", "WSJF", 26.0, 3.0, 26.0 / 3.0),
        ("INIT-104", "RICE", 96_000.0, 25.0, 3_840.0),
    ] {
        let seen = see(db, key, framework).await;
        let (found_value, found_effort, found_overall) = seen.scores().expect(key);
        assert!(
            (found_value - value).abs() < 1e-9 * value,
            "{key}: {found_value}"
        );
        assert_eq!(found_effort, Some(effort), "{key}");
        assert!(
            (found_overall.unwrap() - overall).abs() < 1e-9 * overall,
            "{key}"
        );
    }
    assert!(count(db, "select count(*) from approvals").await > 0);
    assert_eq!(
        count(
            db,
            "select count(*) from approvals where origin <> 'import'"
        )
        .await,
        0
    );
}

#[tokio::test]
async fn what_the_grocers_workbook_leaves_open_is_listed_and_not_guessed() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import_grocer(db, APPROVING).await;

    let retry = see(db, "INIT-107", "MATH_MODEL").await;
    assert_eq!(retry.scores(), None);
    assert!(
        matches!(retry.missing(), [Missing::Approval { name, .. }] if name == "recovery_share"),
        "{:?}",
        retry.missing()
    );
    let text = &retry.model.as_ref().unwrap().formula.as_ref().unwrap().text;
    let formula = Formula::parse(text).unwrap();
    let state = FormulaState::Approved(std::sync::Arc::new(Formula::parse(text).unwrap()));
    let case = Case {
        formula: &state,
        params: &retry.params,
        effort_days: None,
    };
    let previewed = preview(&formula, case.params, case.effort_days).unwrap();
    assert!(
        (previewed.value - 246_960.0).abs() < 1e-6,
        "{}",
        previewed.value
    );

    let photo = see(db, "INIT-127", "RICE").await;
    assert!(
        matches!(photo.missing(), [Missing::Value { name, .. }] if name == "effort"),
        "{:?}",
        photo.missing()
    );

    let declined = see(db, "INIT-136", "RICE").await;
    assert_eq!(declined.scores(), None);
    let confidence = declined.param("confidence");
    assert_eq!(
        (declined.value("confidence"), confidence.unit.as_str()),
        (None, "0-1")
    );
    assert!(confidence.notes.contains("must be refused"));
    assert_eq!(declined.value("reach"), Some("15000"));
}

#[tokio::test]
async fn cells_come_in_as_they_were_written() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import_grocer(db, PLAIN).await;
    let seen = see(db, "INIT-132", "RICE").await;
    assert_eq!(
        seen.initiative.title(),
        "=Formula-looking title, kept as text"
    );
    let cafes = see(db, "INIT-131", "MATH_MODEL").await.initiative;
    assert_eq!(cafes.title(), "Café «À la carte» menus");
    assert_eq!(cafes.get("infra_cost_estimate"), "8000");
    let refunds = see(db, "INIT-102", "MATH_MODEL").await;
    assert_eq!(
        refunds.initiative.get("strategic_priority_coefficient"),
        "1"
    );
    assert_eq!(refunds.value("ticket_reduction_per_month"), Some("2000"));
    assert_eq!(refunds.value("cost_per_ticket"), Some("5"));
    let retry = see(db, "INIT-107", "MATH_MODEL").await;
    assert_eq!(retry.value("failure_rate"), Some("0.05"));
    assert_eq!(
        retry
            .param("failure_rate")
            .range
            .max
            .as_ref()
            .unwrap()
            .decimal(),
        "0.06"
    );
}

#[tokio::test]
async fn the_same_files_again_change_nothing() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import_grocer(db, APPROVING).await;
    let log = "select count(*) from change_log";
    let revisions = "select (sum(revision) * 1000)::bigint from initiatives";
    let before = (count(db, log).await, count(db, revisions).await);
    for report in import_grocer(db, APPROVING).await {
        assert_eq!(
            (report.new, report.changed, report.refused),
            (0, 0, 0),
            "{report}"
        );
        assert_eq!(
            (report.approvals_taken, report.kept.len()),
            (0, 0),
            "{report}"
        );
    }
    assert_eq!((count(db, log).await, count(db, revisions).await), before);
    let broken = db
        .read(async move |mut conn| change_log::first_broken(&mut conn).await)
        .await;
    assert_eq!(broken.unwrap(), None);
}

#[tokio::test]
async fn approvals_come_only_when_asked_for_and_may_come_later() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    let reports = import_grocer(db, PLAIN).await;
    assert_eq!(count(db, "select count(*) from approvals").await, 0);
    assert_eq!(count(db, "select count(*) from scores").await, 0);
    assert_eq!(
        (reports[1].approvals_left, reports[2].approvals_left),
        (3, 64)
    );
    // No formula is approved yet: the rows wait for one.
    let waiting = see(db, "INIT-123", "MATH_MODEL").await;
    assert_eq!(waiting.params.len(), 7);
    assert!(
        waiting
            .params
            .iter()
            .all(|param| !param.is_used() && !param.is_auto_seeded)
    );

    let reports = import_grocer(db, APPROVING).await;
    assert_eq!((reports[1].changed, reports[2].changed), (3, 64));
    let seen = see(db, "INIT-123", "MATH_MODEL").await;
    assert_eq!(seen.scores().map(|(value, ..)| value), Some(59_800.0));
    let order: Vec<_> = seen
        .params
        .iter()
        .map(|param| param.name.as_str())
        .collect();
    assert_eq!(
        order[..3],
        ["uplift_conv", "baseline_conv", "monthly_sessions"]
    );
    assert!(seen.params.iter().all(Param::is_used));
    let approval = seen.param("aov").value_approval.as_ref().unwrap();
    assert_eq!(
        (approval.origin, approval.by_name.as_str()),
        (Origin::Import, "Command line")
    );
}

#[tokio::test]
async fn a_rehearsal_reports_the_same_and_leaves_nothing() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    let rehearsed = import(db, Kind::Backlog, BACKLOG, REHEARSING).await;
    assert_eq!(count(db, "select count(*) from initiatives").await, 0);
    assert_eq!(count(db, "select count(*) from change_log").await, 0);
    assert_eq!(
        import(db, Kind::Backlog, BACKLOG, APPROVING).await,
        rehearsed
    );
}

#[tokio::test]
async fn what_people_changed_here_is_kept_and_named() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import_grocer(db, APPROVING).await;
    set_title(db, "INIT-123", "Checkout, worth more").await;
    let seen = see(db, "INIT-123", "MATH_MODEL").await;
    type_value(db, seen.param("margin"), ParamField::Value, "0.25").await;
    let label = ParamField::Text(TextField::Display);
    type_value(db, seen.param("aov"), label, "Basket").await;
    let model = seen.model.unwrap();
    by_hand(db, async move |mut tx, pm| {
        let edit = ("value = uplift_conv * aov", model.revision);
        model_acts::save_formula(&mut tx, &pm, now(), model.id, edit).await
    })
    .await;

    let [backlog, models, filled] = <[_; 3]>::try_from(import_grocer(db, APPROVING).await).unwrap();
    let kept = |report: &Report| -> Vec<_> {
        let line = |k: &imports::report::Kept| format!("{}: {} by {}", k.column, k.here, k.by);
        report.kept.iter().map(line).collect()
    };
    assert_eq!(
        kept(&backlog),
        ["Title: Checkout, worth more by Priya Nair"]
    );
    assert_eq!(
        kept(&models),
        ["formula_text_final: value = uplift_conv * aov by Priya Nair"]
    );
    assert_eq!(
        kept(&filled),
        [
            "param_display: Basket by Priya Nair",
            "value: 0.25 by Priya Nair"
        ]
    );
    let text = backlog.to_string();
    assert!(
        text.contains("differs, changed here to “Checkout, worth more” by Priya Nair on"),
        "{text}"
    );
    for report in [&backlog, &models, &filled] {
        assert_eq!(
            (report.new, report.changed, report.approvals_taken),
            (0, 0, 0),
            "{report}"
        );
    }
    // What they approve isn't here, so two approvals of the files weren't taken.
    assert_eq!(
        (models.refusals.len(), filled.refusals.len()),
        (1, 2),
        "{models}{filled}"
    );
    let seen = see(db, "INIT-123", "MATH_MODEL").await;
    assert_eq!(seen.initiative.title(), "Checkout, worth more");
    assert_eq!(seen.value("margin"), Some("0.25"));
    assert!(seen.param("margin").value_approval.is_none());
    assert!(seen.model.unwrap().approval.is_none());
}

#[tokio::test]
async fn an_approval_that_a_person_withdrew_stays_withdrawn() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import_grocer(db, APPROVING).await;
    let param = see(db, "INIT-104", "RICE").await.param("reach").clone();
    by_hand(db, async move |mut tx, pm| {
        param_acts::withdraw_approval(&mut tx, &pm, now(), param.id, param.revision).await
    })
    .await;
    let report = import(db, Kind::Params, PARAMS, APPROVING).await;
    assert_eq!((report.changed, report.approvals_taken), (0, 0));
    assert_eq!(report.kept[0].column, "approved");
    assert!(
        see(db, "INIT-104", "RICE")
            .await
            .param("reach")
            .value_approval
            .is_none()
    );
}

#[tokio::test]
async fn a_framework_that_a_person_turned_off_or_changed_stays_so() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import_grocer(db, PLAIN).await;
    by_hand(db, async move |mut tx, pm| {
        let key: InitiativeKey = "INIT-102".parse().unwrap();
        let seen = initiatives::get(&mut tx, &key).await?.unwrap().revision;
        let chosen = (Some("RICE"), seen);
        let now = now();
        let moved = framework_acts::choose_active(&mut tx, &pm, now, &key, chosen).await?;
        let off = (false, moved.revision);
        framework_acts::use_math_model(&mut tx, &pm, now, &key, off).await
    })
    .await;
    let reports = import_grocer(db, PLAIN).await;
    let columns: Vec<_> = reports.iter().map(|report| report.kept.len()).collect();
    assert_eq!(columns, [2, 1, 1]);
    let seen = see(db, "INIT-102", "MATH_MODEL").await;
    assert!(!seen.initiative.use_math_model);
    assert!(seen.standing.is_some_and(|standing| !standing.is_on));
    assert!(
        see(db, "INIT-102", "RICE")
            .await
            .initiative
            .active_framework
            .is_some()
    );
}

#[tokio::test]
async fn a_changed_number_withdraws_the_approval_and_the_score_turns_stale() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import_grocer(db, APPROVING).await;
    let csv =
        "key,framework,param,value\nINIT-123,MATH_MODEL,aov,£50\nINIT-123,MATH_MODEL,margin,30%\n";
    let report = import(db, Kind::Params, csv, PLAIN).await;
    assert_eq!(
        (counts(&report), report.approvals_withdrawn),
        ([0, 1, 1, 0, 0], 1),
        "{report}"
    );
    let seen = see(db, "INIT-123", "MATH_MODEL").await;
    assert_eq!(seen.value("aov"), Some("50"));
    let standing = seen.standing.unwrap();
    assert_eq!(standing.status, "stale");
    assert_eq!(
        (
            standing.stale_because.as_deref(),
            standing.stale_by_name.as_deref()
        ),
        (
            Some("the value of Average order value changed"),
            Some("Command line")
        )
    );
}

#[tokio::test]
async fn empty_cells_clear_nothing_and_a_new_initiative_has_its_key_for_a_title() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import(
        db,
        Kind::Backlog,
        "key,title,country,framework\nA-1,Seats,UK,RICE\nA-2,,,\n",
        PLAIN,
    )
    .await;
    let csv = "key,title,country,framework,use math model\nA-1,,,,FALSE\n";
    let report = import(db, Kind::Backlog, csv, PLAIN).await;
    assert_eq!(counts(&report), [0, 0, 1, 0, 0]);
    let seen = see(db, "A-1", "RICE").await;
    assert_eq!(
        (seen.initiative.title(), seen.initiative.get("country")),
        ("Seats", "UK")
    );
    assert!(seen.initiative.active_framework.is_some());
    assert_eq!(seen.params.len(), 4);
    assert_eq!(see(db, "A-2", "RICE").await.initiative.title(), "A-2");

    import(
        db,
        Kind::Params,
        "key,framework,param,value\nA-1,RICE,reach,5\n",
        PLAIN,
    )
    .await;
    let blank =
        "key,framework,param,value,unit,source\nA-1,RICE,reach,,,\nA-1,RICE,impact,none,,\n";
    let report = import(db, Kind::Params, blank, PLAIN).await;
    assert_eq!(counts(&report), [0, 0, 1, 1, 0], "{report}");
    let seen = see(db, "A-1", "RICE").await;
    assert_eq!(
        (seen.value("reach"), seen.param("reach").unit.as_str()),
        (Some("5"), "people")
    );
}

#[tokio::test]
async fn a_cell_that_asks_is_refused_with_the_proposal_and_the_rest_is_taken() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import(db, Kind::Backlog, "key,title\nA-1,Seats\n", PLAIN).await;
    let csv = "key,framework,param,value,unit,min,max,source,approved,evidence\n\
               A-1,MATH_MODEL,take_rate,4,%,0,1,Finance,TRUE,\n\
               A-1,MATH_MODEL,fee,\"1,5\",£,,,Boss,,my desk\n\
               A-1,MATH_MODEL,seats,12,seats,20,10,PM,TRUE,\n\
               A-1,MATH_MODEL,days,,days,1,9,Eng,TRUE,\n\
               A-1,MATH_MODEL,bad,many,,,,,,\n\
               A-9,MATH_MODEL,fee,1,£,,,PM,,\n";
    let report = import(db, Kind::Params, csv, APPROVING).await;
    assert_eq!(counts(&report), [4, 0, 0, 2, 0], "{report}");
    let refused: Vec<_> = report
        .refusals
        .iter()
        .map(|r| (r.row, r.column.as_str()))
        .collect();
    let expected = [
        (2, "value"),
        (2, "approved"),
        (3, "source"),
        (3, "evidence"),
        (3, "value"),
        (4, "min"),
        (4, "max"),
        (5, "approved"),
        (6, "value"),
        (7, "key"),
    ];
    assert_eq!(refused, expected, "{report}");
    assert!(
        report.refusals[0].reason.contains('4'),
        "{}",
        report.refusals[0].reason
    );
    assert!(
        report.refusals[9]
            .reason
            .contains("Import the backlog first")
    );
    let seen = see(db, "A-1", "MATH_MODEL").await;
    assert!(seen.initiative.use_math_model && seen.initiative.active_framework.is_none());
    let names: Vec<_> = seen
        .params
        .iter()
        .map(|param| param.name.as_str())
        .collect();
    assert_eq!(names, ["days", "fee", "seats", "take_rate"]);
    assert_eq!(
        (
            seen.value("take_rate"),
            seen.param("take_rate").unit.as_str()
        ),
        (None, "%")
    );
    assert!(seen.param("seats").value_approval.is_some());
}

#[tokio::test]
async fn a_value_out_of_range_is_taken_and_its_approval_refused() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import(db, Kind::Backlog, "key,title\nA-1,Seats\n", PLAIN).await;
    let csv = "key,framework,param,value,unit,min,max,approved\nA-1,MATH_MODEL,fee,£9,£,1,5,TRUE\n";
    let report = import(db, Kind::Params, csv, APPROVING).await;
    assert_eq!(report.refusals.len(), 1, "{report}");
    assert!(
        report.refusals[0].reason.contains("outside its range"),
        "{report}"
    );
    let seen = see(db, "A-1", "MATH_MODEL").await;
    assert_eq!(seen.value("fee"), Some("9"));
    assert!(seen.param("fee").value_approval.is_none());
}

#[tokio::test]
async fn a_formula_that_cant_be_read_is_saved_and_its_approval_refused() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import(db, Kind::Backlog, "key,title\nA-1,Seats\n", PLAIN).await;
    let csv = "key,scenario,model,formula,approved\n\
               A-1,,SeatValue,value = seats *,TRUE\n\
               A-1,Optimistic,SeatValueHigh,value = seats * 2,TRUE\n\
               A-9,,x,value = 1,TRUE\n";
    let report = import(db, Kind::MathModels, csv, APPROVING).await;
    assert_eq!(counts(&report), [1, 0, 0, 2, 0], "{report}");
    assert_eq!(report.approvals_taken, 0);
    assert!(report.refusals[0].reason.contains("Line 1"), "{report}");
    let model = see(db, "A-1", "MATH_MODEL").await.model.unwrap();
    assert_eq!(model.formula.unwrap().text.trim(), "value = seats *");
    assert!(model.approval.is_none());
}

#[tokio::test]
async fn params_that_came_first_become_the_formulas_rows() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    import(db, Kind::Backlog, "key,title\nA-1,Seats\n", PLAIN).await;
    let csv = "key,framework,param,value,approved\nA-1,MATH_MODEL,fee,£9,TRUE\nA-1,MATH_MODEL,spare,1,TRUE\n";
    import(db, Kind::Params, csv, APPROVING).await;
    let csv = "key,formula,approved\nA-1,value = fee * 2,TRUE\n";
    import(db, Kind::MathModels, csv, APPROVING).await;
    let seen = see(db, "A-1", "MATH_MODEL").await;
    assert_eq!(seen.scores().map(|(value, ..)| value), Some(18.0));
    assert!(seen.param("fee").is_used() && !seen.param("spare").is_used());
    assert_eq!(
        (seen.param("fee").unit.as_str(), seen.param("fee").label()),
        ("£", "Fee")
    );
}

#[tokio::test]
async fn only_an_admin_imports() {
    let fresh = TestDb::new().await;
    let pm = by_hand(&fresh.db, async move |_tx, pm| Ok(pm)).await;
    let refused = imports::run(
        &fresh.db,
        pm,
        now(),
        (Kind::Backlog, BACKLOG.as_bytes()),
        PLAIN,
    )
    .await;
    assert!(
        matches!(refused, Err(ImportError::Action(ActionError::Refused(_)))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_sample_workbook_comes_in_whole_and_leaves_init_123_to_a_newcomer() {
    let fresh = TestDb::new().await;
    let db = &fresh.db;
    let actor = command_line(db).await;
    for report in sample::bring_in(db, actor.clone(), now()).await.unwrap() {
        assert_eq!(
            (report.refusals.as_slice(), report.refused),
            (&[][..], 0),
            "{report}"
        );
        assert_eq!(report.kept, []);
    }
    for report in sample::bring_in(db, actor, now()).await.unwrap() {
        assert_eq!((report.new, report.changed), (0, 0), "{report}");
    }
    let newcomer = see(db, "INIT-123", "MATH_MODEL").await;
    assert!(newcomer.standing.is_none() && newcomer.params.is_empty());
    let scored = count(
        db,
        "select count(*) from initiative_frameworks where status = 'approved'",
    )
    .await;
    assert_eq!(scored, 12);
    let seats = see(db, "INIT-101", "MATH_MODEL").await;
    assert_eq!(seats.scores().map(|(value, ..)| value), Some(828_720.0));
}

#[tokio::test]
async fn the_button_of_the_empty_backlog_is_the_admins() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    assert_eq!(
        pm.post("/sample-data", &[]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(app.count("select count(*) from initiatives").await, 0);
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.post("/sample-data", &[]).await;
    assert_eq!(
        (page.status, page.path.as_str()),
        (StatusCode::OK, "/backlog")
    );
    assert!(page.html.contains("Seat choice in one tap"));
    let by_admin = "select count(*) from approvals a join users u on u.id = a.approved_by \
                    where u.name = 'Ada Okafor' and a.origin = 'import'";
    assert!(app.count(by_admin).await > 0);
}

#[tokio::test]
async fn a_row_costs_the_same_whether_it_is_the_first_or_the_last() {
    let fresh = TestDb::new().await;
    let mut backlog = "key,title,country,framework,eng days\n".to_owned();
    let mut filled = "key,framework,param,value,unit,approved\n".to_owned();
    for n in 1..=300 {
        let _ = writeln!(backlog, "A-{n},Title {n},UK,RICE,{n}");
        let (name, value) = [
            ("reach", "5"),
            ("impact", "1"),
            ("confidence", "80%"),
            ("effort", "3"),
        ][n % 4];
        let _ = writeln!(filled, "A-{n},RICE,{name},{value},,TRUE");
    }
    let backlog = import(&fresh.db, Kind::Backlog, &backlog, APPROVING).await;
    let filled = import(&fresh.db, Kind::Params, &filled, APPROVING).await;
    assert_eq!((backlog.new, filled.changed), (300, 300));

    // Counted rather than timed: a query that goes through all rows for each row costs more the more rows there are. The
    // server counts what a connection did once that has ended.
    fresh.db.close().await;
    let mut conn = fresh.connect_options().connect().await.unwrap();
    let sql = "select (select n_tup_ins from pg_stat_user_tables where relname = 'params'),
                 (select sum(seq_tup_read + coalesce(idx_scan, 0))::bigint from pg_stat_user_tables)";
    for _ in 0..100 {
        let (seeded, looked_up): (i64, i64) =
            sqlx::query_as(sql).fetch_one(&mut conn).await.unwrap();
        if seeded == 1200 {
            assert!(looked_up < 600 * 300, "{looked_up} look-ups for 600 rows");
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server's counters never came");
}

/// The program on the test's database: exit code, stdout and stderr.
fn productops(fresh: &TestDb, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_productops"));
    let done = program
        .args(arguments)
        .env("DATABASE_URL", fresh.url())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_imports_reports_and_says_how_it_ended() {
    let fresh = TestDb::new().await;
    let backlog = "tests/fixtures/grocer/central_backlog.csv";
    let call = ["import", "backlog", backlog, "--dry-run", "--json"];
    let (code, json, _) = productops(&fresh, &call);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (code, &report["new"], &report["skipped"]),
        (Some(0), &36.into(), &5.into())
    );
    assert_eq!(
        count(&fresh.db, "select count(*) from initiatives").await,
        0
    );

    let (code, text, _) = productops(&fresh, &["import", "backlog", backlog]);
    assert_eq!(code, Some(0));
    assert!(text.starts_with("Central Backlog: 36 new,"), "{text}");
    let (code, text, _) = productops(&fresh, &["verify-history"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text, _) = productops(&fresh, &["migrate"]);
    assert_eq!(code, Some(0), "{text}");

    // The wrong file: no row of it can be placed.
    let params = "tests/fixtures/grocer/params.csv";
    for (arguments, expected) in [
        (&["import", "params", backlog][..], 1),
        (&["import", "params", "no/such/file.csv"], 1),
        (
            &["import", "backlog", backlog, "--as", "nobody@example.com"],
            2,
        ),
        (&["import", "tickets", params], 2),
        (&["import", "params", params, "--with-approvals"], 0),
    ] {
        let (code, out, complaint) = productops(&fresh, arguments);
        assert_eq!(code, Some(expected), "{arguments:?}: {out}{complaint}");
        assert_eq!(
            complaint.is_empty(),
            expected == 0,
            "{arguments:?}: {complaint}"
        );
        assert_eq!(out.is_empty(), expected != 0, "{arguments:?}: {out}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_names_every_wrong_variable_and_a_broken_history() {
    let fresh = TestDb::new().await;
    let mut program = Command::new(env!("CARGO_BIN_EXE_productops"));
    program
        .env("PRODUCTOPS_ADDR", "everywhere")
        .env("LOG_FORMAT", "xml")
        .env("DATABASE_URL", fresh.url());
    let done = program.arg("serve").output().unwrap();
    let complaint = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(3));
    assert!(
        complaint.contains("PRODUCTOPS_ADDR") && complaint.contains("LOG_FORMAT"),
        "{complaint}"
    );

    let (code, text, _) = productops(&fresh, &["sample-data"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("http://127.0.0.1:8080/sign-in"), "{text}");
    let tamper = "alter table change_log disable trigger user; \
                  update change_log set new = '\"forged\"' where chain = 3 and seq = 2";
    let done = fresh
        .db
        .write(async move |mut conn| sqlx::raw_sql(tamper).execute(&mut *conn).await);
    done.await.unwrap();
    let (code, _, complaint) = productops(&fresh, &["verify-history"]);
    assert_eq!(code, Some(1));
    assert!(complaint.contains("chain 3, number 2"), "{complaint}");
}
