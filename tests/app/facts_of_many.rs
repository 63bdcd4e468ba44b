//! A fact that 500 initiatives use changes: what was shown before is what happens, to the last bit and place, in one
//! transaction whose statements don't grow with their number. The mirror's two calls are in `sheets/fact.rs`.

use crate::{
    facts::{adds, approves, is_fact_1, proposes},
    support::TestApp,
};
use productops::{
    actions::{Actor, Through, approve_fact, scores},
    clock::Clock,
    domain::{
        fact_outlook::Outlook,
        ids::{FactId, FrameworkId, InitiativeId},
        rights::Role,
    },
    store::{
        change_log, facts,
        scoring::{self, ScoringQuery},
        users,
    },
};
use std::collections::{HashMap, HashSet};

/// 520 initiatives on MATH_MODEL, every third on RICE too. All but the last 20 will follow the fact with `aov`, and with
/// RICE's `reach`; every tenth waits for another number, every fiftieth is archived, every second has effort days.
const MANY: &str = r"
insert into initiatives (key, title, use_math_model, active_framework_id, effort_engineering_days, archived_at, created_at,
  created_by, updated_at, updated_by)
select 'INIT-' || n, 'Number ' || n, true, f.id, case when n % 2 = 0 then n % 13 + 1 end,
  case when n % 50 = 0 then now() end, now(), 1, now(), 1
from frameworks f, generate_series(1, 520) n where f.key = 'MATH_MODEL' order by n;
insert into math_models (initiative_id, framework_id, drives, model_name, value_unit, created_at, updated_at, updated_by)
select id, active_framework_id, true, title, case when id % 4 = 0 then '£' else '' end, now(), now(), 1 from initiatives;
insert into formula_versions (owner_kind, owner_id, version, text, sha256, saved_by, saved_at)
select 'math_model', m.id, 1, 'value = aov * orders / ' || (m.id % 7 + 3), sha256(m.id::text::bytea), 1, now()
from math_models m;
update math_models m set formula_version_id = v.id from formula_versions v
where v.owner_kind = 'math_model' and v.owner_id = m.id;
insert into approvals (subject_kind, subject_id, part, content, formula_version_id, approved_by, approved_at, origin)
select 'math_model', id, 'formula', '{}', formula_version_id, 1, now(), 'person' from math_models;
insert into params (initiative_id, framework_id, name, position, value, unit, source, is_auto_seeded, value_set_by,
  value_set_at, created_at, updated_at, updated_by)
select i.id, i.active_framework_id, p.name, p.n, case p.name when 'aov' then 40 else 100 + i.id * 37 % 401 end, '',
  'Analytics', true, 1, now(), now(), now(), 1
from initiatives i, (values (1, 'aov'), (2, 'orders')) p(n, name);
insert into params (initiative_id, framework_id, name, position, value, unit, min, max, source, is_auto_seeded,
  value_set_by, value_set_at, created_at, updated_at, updated_by)
select i.id, d.framework_id, d.name, d.position, case d.name when 'confidence' then 0.5 when 'impact' then 2 else 8 end,
  d.unit, d.min, d.max, 'Analytics', true, 1, now(), now(), now(), 1
from initiatives i, framework_params d join frameworks f on f.id = d.framework_id where f.key = 'RICE' and i.id % 3 = 0;
insert into initiative_frameworks (initiative_id, framework_id, is_on, status)
select distinct initiative_id, framework_id, true, 'not_ready' from params;
insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin)
select 'param', p.id, part, '{}', 1, now(), 'person' from params p, (values ('value'), ('range')) x(part)
where not (p.name = 'orders' and p.initiative_id % 10 = 0);
";

pub(crate) const FOLLOW: &str =
    "update params set fact_id = 1 where name in ('aov', 'reach') and initiative_id <= 500";

pub(crate) async fn seed(app: &TestApp) {
    let seeded = app
        .database
        .db
        .write(async move |mut conn| sqlx::raw_sql(MANY).execute(&mut *conn).await);
    seeded.await.expect("a seed");
}

/// Scores the twenty that follow nothing.
async fn score_the_others(app: &TestApp) {
    let done = app.database.db.transaction(async move |mut tx| {
        let actor = Actor::new(&users::get_system(&mut tx).await?, Through::Command);
        let now = Clock::system().now();
        let on = "select initiative_id, framework_id from initiative_frameworks where initiative_id > 500";
        let all: Vec<(i64, i64)> = sqlx::query_as(on).fetch_all(&mut *tx).await?;
        for (initiative, framework) in all {
            let of = (InitiativeId(initiative), FrameworkId(framework));
            scores::rescore_by_id(&mut tx, &actor, now, of, "the test").await?;
        }
        Ok::<_, sqlx::Error>(())
    });
    done.await.expect("scores");
}

async fn look(app: &TestApp) -> Outlook {
    let looked = app.database.db.read(async move |mut conn| {
        let fact = facts::get(&mut conn, FactId(1)).await?.expect("a fact");
        approve_fact::look(&mut conn, &fact).await
    });
    looked.await.expect("an outlook")
}

/// What the scoring page says of each initiative by each framework: status, value and overall to the bit, rank.
type Places = HashMap<(String, i64), (String, Option<u64>, Option<u64>, Option<i64>)>;

async fn places(app: &TestApp) -> Places {
    let query = ScoringQuery {
        with_archived: true,
        is_whole: true,
        ..ScoringQuery::default()
    };
    let page = app
        .database
        .db
        .read(async move |mut conn| scoring::list(&mut conn, &query).await);
    let lines = page.await.expect("the list").lines;
    let of_line = |line: scoring::ScoringLine| {
        let key = line.key.clone();
        line.on.into_iter().map(move |placed| {
            let figures = [placed.value, placed.overall].map(|figure| figure.map(f64::to_bits));
            let said = (placed.status, figures[0], figures[1], placed.rank);
            ((key.clone(), placed.framework.0), said)
        })
    };
    lines.into_iter().flat_map(of_line).collect()
}

#[tokio::test]
async fn what_is_shown_of_500_initiatives_is_what_happens_to_the_last_bit_and_place() {
    let app = TestApp::start().await;
    seed(&app).await;
    let pm = app.sign_in(Role::Pm).await;
    adds(&pm, "Average order value", "45", "PM").await;
    app.run(FOLLOW).await;
    approves(&pm, "1").await;
    score_the_others(&app).await;
    proposes(&pm, "1", "51.3").await;
    let before = places(&app).await;
    let outlook = look(&app).await;
    assert_eq!(outlook.lines.len(), 500 + 166);
    let page = approves(&pm, "1").await;
    assert!(is_fact_1(&page), "{}", page.text("main"));
    let after = places(&app).await;

    let rice = app
        .count("select id from frameworks where key = 'RICE'")
        .await;
    let math = app
        .count("select id from frameworks where key = 'MATH_MODEL'")
        .await;
    let id = |name: &str| if name == "RICE" { rice } else { math };
    let mut told = HashSet::new();
    for line in &outlook.lines {
        let of = (line.key.clone(), id(&line.framework));
        let (status, value, overall, rank) = &after[&of];
        let figures = line.after.as_ref().ok();
        match figures {
            Some(figures) => {
                assert_eq!(status, "approved", "{of:?}");
                assert_eq!(*value, Some(figures.value.to_bits()), "{of:?}");
                assert_eq!(*overall, figures.overall.map(f64::to_bits), "{of:?}");
            }
            None => assert_eq!(status, "not_ready", "{of:?}"),
        }
        assert_eq!(*rank, line.rank_after, "{of:?}");
        assert_eq!(before[&of].3, line.rank_before, "{of:?}");
        told.insert(of);
    }
    for shifted in &outlook.shifted {
        let of = (shifted.key.clone(), id(&shifted.framework));
        assert_eq!(
            (before[&of].3, after[&of].3),
            (shifted.before, shifted.after),
            "{of:?}"
        );
        told.insert(of);
    }
    // Nobody else moved.
    for (of, said) in &after {
        assert!(told.contains(of) || before[of] == *said, "{of:?}");
    }
    assert!(outlook.shifted.len() > 5, "{}", outlook.shifted.len());
    let unscored = outlook
        .lines
        .iter()
        .filter(|line| line.after.is_err())
        .count();
    assert_eq!(unscored, 50);

    let batch = "select count(distinct batch_id) from change_log where at = (select max(at) from change_log)";
    assert_eq!(app.count(batch).await, 1);
    let chains =
        "select count(distinct chain) from change_log where at = (select max(at) from change_log)";
    assert_eq!(
        app.count(chains).await,
        501,
        "each initiative's own, and the fact's"
    );
    assert_eq!(app.count("select count(*) from mirror_dirty").await, 500);
    let broken = app
        .database
        .db
        .read(async move |mut conn| change_log::first_broken(&mut conn).await);
    assert_eq!(broken.await.unwrap(), None);
}
