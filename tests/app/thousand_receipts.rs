//! A thousand scores of many formulas, from numbers typed in many ways, come out the same to the last bit after
//! everything they rested on has moved on.

use chrono::{DateTime, TimeDelta, Utc};
use productops::{
    actions::{Actor, Through},
    clock::Clock,
    domain::{ids::ScoreId, recompute::recompute},
    imports::{self, Kind, Options, Report},
    store::{score_history, users},
    testing::TestDb,
};
use std::fmt::Write as _;

const INITIATIVES: usize = 25;
const ROUNDS: usize = 40;
const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

/// Shapes of formulas; `K` becomes another number in each initiative.
const SHAPES: [&str; 9] = [
    "value = alpha * beta * gamma / K",
    "yearly = alpha * gamma / K\nvalue = if(and(gamma > 500, beta < 5%), yearly, yearly / 3)",
    "value = -pv(beta, 12, alpha / K) + gamma",
    "value = npv(beta, alpha, alpha * 1.1, gamma / K) - 1_000",
    "value = alpha * gamma * (1 - beta)\neffort = gamma / K",
    "value = gamma ^ 0.5 * alpha * beta\neffort = ln(gamma + K)\noverall = value / effort ^ 0.7",
    "# a third, then back\nthird = alpha / 3\nshare = third * beta\nvalue = (third + share) * K\n\noverall = value / gamma",
    "value = alpha * beta / gamma * K",
    "value = exp(beta) * log10(alpha + gamma) / K",
];

/// The same number of the same meaning is never typed twice, and each kind is typed in its several ways.
fn typed(name: &str, round: usize) -> String {
    match (name, round % 4) {
        ("alpha", 0) => format!("£1,2{round:02}.50"),
        ("alpha", 1) => format!("{round}.7k"),
        ("alpha", 2) => format!("{}.{round:02}", 40 + round),
        ("alpha", _) => format!("£{round}00"),
        ("beta", 0) => format!("{}.{round}%", 1 + round % 7),
        ("beta", 1) => format!("0.0{}{round:02}", 1 + round % 9),
        ("beta", 2) => format!("{round} %"),
        ("beta", _) => format!("0.{round:02}1"),
        (_, 0) => format!("1 {:03}", 100 + round),
        (_, 1) => format!("{}3m", 1 + round),
        (_, 2) => format!("{}", 7 + round * 3),
        (_, _) => format!("{}.125", 600 + round),
    }
}

fn key(initiative: usize) -> String {
    format!("INIT-{}", initiative + 1)
}

fn formula(initiative: usize, moved_by: usize) -> String {
    let shape = SHAPES[(initiative + moved_by) % SHAPES.len()];
    shape.replace('K', &(3 + initiative + moved_by).to_string())
}

async fn bring_in(test: &TestDb, now: DateTime<Utc>, kind: Kind, csv: &str) -> Report {
    let system = test
        .db
        .read(async move |mut conn| users::get_system(&mut conn).await)
        .await
        .unwrap();
    let options = Options {
        dry_run: false,
        with_approvals: true,
        ..Options::default()
    };
    let actor = Actor::new(&system, Through::Import);
    imports::run(&test.db, actor, now, (kind, csv.as_bytes()), options)
        .await
        .unwrap()
}

fn backlog(framework: &str, days: usize) -> String {
    let mut csv =
        "key,title,active_scoring_framework,effort_engineering_days,effort_other_teams_days\n"
            .to_owned();
    for at in 0..INITIATIVES {
        // Some have both parts of the effort, some one, some none.
        let (ours, theirs) = match at % 3 {
            0 => (format!("{}.5", days + at), "3".to_owned()),
            1 => (String::new(), format!("{}", days + at)),
            _ => (String::new(), String::new()),
        };
        writeln!(csv, "{},Number {at},{framework},{ours},{theirs}", key(at)).unwrap();
    }
    csv
}

fn models(moved_by: usize) -> String {
    let mut csv =
        "initiative_key,framework,model_name,formula_text_final,formula_text_approved\n".to_owned();
    for at in 0..INITIATIVES {
        let text = formula(at, moved_by);
        writeln!(csv, "{},MATH_MODEL,Model {at},\"{text}\",TRUE", key(at)).unwrap();
    }
    csv
}

fn params(round: usize, names: &[&str]) -> String {
    let mut csv = "initiative_key,framework,param_name,value,approved\n".to_owned();
    for at in 0..INITIATIVES {
        for name in names {
            writeln!(
                csv,
                "{},MATH_MODEL,{name},\"{}\",TRUE",
                key(at),
                typed(name, round)
            )
            .unwrap();
        }
    }
    csv
}

#[tokio::test]
async fn a_thousand_scores_come_out_the_same_after_everything_has_moved_on() {
    let test = TestDb::new().await;
    let mut now = Clock::system().now();
    bring_in(&test, now, Kind::Backlog, &backlog("MATH_MODEL", 10)).await;
    bring_in(&test, now, Kind::MathModels, &models(0)).await;
    bring_in(&test, now, Kind::Params, &params(0, &NAMES)).await;
    for round in 1..=ROUNDS {
        now += TimeDelta::minutes(1);
        let name = NAMES[round % NAMES.len()];
        let report = bring_in(&test, now, Kind::Params, &params(round, &[name])).await;
        assert!(report.took_something(), "{name}, round {round}: {report}");
    }
    // Now everything moves: effort, formulas, numbers, the framework.
    now += TimeDelta::minutes(1);
    bring_in(&test, now, Kind::Backlog, &backlog("MATH_MODEL", 90)).await;
    bring_in(&test, now, Kind::MathModels, &models(4)).await;
    bring_in(&test, now, Kind::Params, &params(ROUNDS + 1, &NAMES)).await;
    bring_in(&test, now, Kind::Backlog, &backlog("RICE", 50)).await;

    let stored = test
        .db
        .read(async move |mut conn| {
            score_history::list_stored(&mut conn, None, ScoreId(0), 10_000).await
        })
        .await
        .unwrap();
    assert!(stored.len() >= 1000, "only {} scores", stored.len());
    for score in &stored {
        let again = recompute(&score.stored);
        assert!(
            again.is_same() && !again.is_other_engine(),
            "receipt {}: {:?}",
            score.id,
            again.differences
        );
    }
    let with = |has: fn(&productops::domain::recompute::Stored) -> bool| {
        stored.iter().filter(|score| has(&score.stored)).count()
    };
    assert!(with(|s| s.effort.is_none()) > 50 && with(|s| s.overall.is_some()) > 50);
    assert!(with(|s| s.lines.len() > 1) > 50);
    assert!(
        with(|s| s.inputs.iter().any(|input| !input.is_param)) > 50,
        "effort from days"
    );
}
