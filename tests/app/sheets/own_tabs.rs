//! Whole tabs of the app's own beside the backlog: made, filled and closed by the backlog's own read and write, and people's
//! tabs left alone.

use super::{
    calls::{google_in, tab, terms, text, three, wanted},
    memory::Leads,
    people::Deed,
    service::{ACCOUNT, Fault, Service},
    tab::Tab,
};
use productops::{
    domain::mirror_tab::MirrorTab,
    mirror::{
        Mode,
        diff::Wanted,
        google::Google,
        grid::{Cell, Grid},
        run::{Known, Report, run},
        whole_tab::{TabPlace, WholeTab},
    },
};
use serde_json::json;
use std::{collections::VecDeque, time::Duration};

/// So many params, each of an initiative of its own, with that value.
fn params(count: usize, value: f64) -> WholeTab {
    let rows = (1..=count).map(move |number| {
        let mut cells = vec![Cell::Empty; MirrorTab::Params.columns().len()];
        cells[0] = text(&format!("INIT-{number}"));
        cells[1] = text("RICE");
        cells[2] = text("reach");
        cells[4] = text("=IMPORTXML(\"http://x\")");
        cells[5] = Cell::Number(value);
        cells[10] = Cell::Bool(false);
        cells
    });
    WholeTab::new(MirrorTab::Params, rows)
}

fn as_grid(wanted: &WholeTab) -> Grid {
    let mut grid = Grid::default();
    for (row, cells) in wanted.rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            if *cell != Cell::Empty {
                grid.put(row, column, cell.clone());
            }
        }
    }
    grid
}

/// A service whose backlog is in step, and the mirror that made it so.
struct Scene {
    service: Service,
    google: Google,
    known: Known,
}

impl Scene {
    async fn in_step() -> Self {
        let service = Service::with(tab()).await;
        let google = google_in(&service, Duration::from_secs(30)).await;
        let known = Known::default();
        let mut scene = Self {
            service,
            google,
            known,
        };
        scene.run(&three(), &[]).await;
        scene.asked();
        scene
    }

    async fn run(&mut self, wanted: &[Wanted], tabs: &[WholeTab]) -> Report {
        self.run_as(Mode::Write, wanted, tabs).await
    }

    async fn run_as(&mut self, mode: Mode, wanted: &[Wanted], tabs: &[WholeTab]) -> Report {
        self.google.want_tabs(tabs.to_vec());
        let terms = terms(mode);
        let done = run(
            &mut self.google,
            wanted,
            &mut self.known,
            &terms,
            &mut Leads,
        )
        .await;
        let report = done.unwrap();
        self.known.verified.extend(report.verified.clone());
        report
    }

    /// What was asked since this was asked last.
    fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.service.state().asked)
    }

    fn shows(&self, title: &str) -> Grid {
        self.service.state().other(title).grid()
    }

    fn place(&self) -> TabPlace {
        self.google.tabs()[0].place.clone()
    }
}

fn there(title: &str) -> TabPlace {
    TabPlace::There(title.to_owned())
}

#[tokio::test]
async fn a_tab_is_made_filled_and_closed_by_the_backlogs_own_write() {
    let mut scene = Scene::in_step().await;
    scene.service.state().bodies.clear();
    let mut changed = three();
    changed[1] = wanted(2, "Two and a half", 2.5);
    let report = scene.run(&changed, &[params(2, 4.0)]).await;
    assert_eq!(scene.asked(), ["get", "read", "write"]);
    assert_eq!(report.cells, 2 + 21 + 2 * 6);
    assert_eq!(scene.shows("Params"), as_grid(&params(2, 4.0)));
    assert_eq!(scene.place(), there("Params"));
    {
        let state = scene.service.state();
        let requests = state.bodies[0]["requests"].as_array().unwrap();
        let mut closed = requests
            .iter()
            .map(|request| &request["addProtectedRange"]["protectedRange"])
            .filter(|range| !range.is_null());
        let closed = closed.next().unwrap();
        assert_eq!(closed["description"], "roadmap-mirror:tab:params");
        assert_eq!(closed["editors"]["users"], json!([ACCOUNT]));
        assert_eq!(closed["range"].as_object().unwrap().len(), 1, "all of it");
        assert_eq!(state.tab.rows[2][1].value, text("Two and a half"));
    }
    scene.run(&changed, &[params(2, 4.0)]).await;
    assert_eq!(scene.asked(), ["read"]);
    scene.run(&three(), &[params(2, 5.0)]).await;
    assert_eq!(scene.asked(), ["read", "write"]);
    assert_eq!(scene.shows("Params"), as_grid(&params(2, 5.0)));
}

#[tokio::test]
async fn a_tab_grows_and_shrinks_and_hand_edits_of_it_are_put_right() {
    let mut scene = Scene::in_step().await;
    scene.run(&three(), &[params(3, 1.0)]).await;
    scene.asked();
    for count in [150, 2, 0] {
        scene.run(&three(), &[params(count, 1.0)]).await;
        assert_eq!(scene.asked(), ["read", "write"], "{count}");
        assert_eq!(scene.shows("Params"), as_grid(&params(count, 1.0)));
    }
    {
        let own = &mut scene.service.state().others[0];
        Deed::Type(0, 1, text("mine")).happens_to(own);
        Deed::Type(9, 3, text("a note")).happens_to(own);
        Deed::InsertColumn(2).happens_to(own);
        own.protected.clear();
    }
    scene.run(&three(), &[params(1, 1.0)]).await;
    assert_eq!(scene.asked(), ["read", "write"]);
    assert_eq!(scene.shows("Params"), as_grid(&params(1, 1.0)));
    assert_eq!(scene.service.state().others[0].protected.len(), 1);
}

#[tokio::test]
async fn a_tab_of_peoples_with_the_same_name_is_left_alone() {
    let mut scene = Scene::in_step().await;
    let mut theirs = Tab::new("PARAMS", &[vec![text("their own")]], (5, 5));
    theirs.id = 9;
    scene.service.state().others.push(theirs);
    let mut changed = three();
    changed[0] = wanted(1, "Another", 1.0);
    scene.run(&changed, &[params(1, 1.0)]).await;
    assert_eq!(
        scene.asked(),
        ["get", "read", "write"],
        "the backlog is written"
    );
    assert_eq!(scene.place(), TabPlace::Taken("PARAMS".to_owned()));
    scene.run(&changed, &[params(1, 1.0)]).await;
    assert_eq!(scene.asked(), ["get", "read"]);
    assert_eq!(scene.service.state().others.len(), 1);
    scene.service.state().others[0].title = "Our params".to_owned();
    scene.run(&changed, &[params(1, 1.0)]).await;
    assert_eq!(scene.asked(), ["get", "read", "write"]);
    assert_eq!(scene.shows("Params"), as_grid(&params(1, 1.0)));
    assert_eq!(scene.shows("Our params").rows, [vec![text("their own")]]);
}

#[tokio::test]
async fn a_tab_that_somebody_renames_stays_the_apps_and_one_that_is_deleted_is_made_again() {
    let mut scene = Scene::in_step().await;
    scene.run(&three(), &[params(1, 1.0)]).await;
    scene.service.state().others[0].title = "It’s numbers".to_owned();
    scene.asked();
    scene.run(&three(), &[params(2, 1.0)]).await;
    assert_eq!(scene.asked(), ["read", "write"]);
    assert_eq!(scene.place(), there("It’s numbers"));
    assert_eq!(scene.shows("It’s numbers"), as_grid(&params(2, 1.0)));
    scene.service.state().others.clear();
    scene.run(&three(), &[params(2, 1.0)]).await;
    assert_eq!(scene.asked(), ["read", "get", "read", "write"]);
    assert_eq!(scene.shows("Params"), as_grid(&params(2, 1.0)));
}

#[tokio::test]
async fn a_tab_that_was_made_by_a_write_whose_answer_was_lost_is_known_again() {
    let mut scene = Scene::in_step().await;
    scene
        .service
        .state()
        .write_faults
        .push_back(Fault::CutAfter);
    scene.run(&three(), &[params(1, 1.0)]).await;
    assert_eq!(scene.asked(), ["get", "read", "write", "get", "read"]);
    assert_eq!(scene.service.state().others.len(), 1);
    assert_eq!(scene.shows("Params"), as_grid(&params(1, 1.0)));
    // As another process sees it.
    scene.google = google_in(&scene.service, Duration::from_secs(30)).await;
    scene.asked();
    scene.run(&three(), &[params(1, 1.0)]).await;
    assert_eq!(scene.asked(), ["token", "get", "read"]);
}

#[tokio::test]
async fn what_google_refuses_of_a_tab_keeps_nobody_from_the_backlog() {
    let mut scene = Scene::in_step().await;
    // Somebody makes a tab of that name after the app has looked.
    scene
        .run_as(Mode::Observe, &three(), &[params(1, 1.0)])
        .await;
    assert_eq!(scene.place(), TabPlace::Absent);
    assert!(scene.google.tabs()[0].waiting > 0);
    let mut theirs = Tab::new("Params", &[vec![text("their own")]], (5, 5));
    theirs.id = 9;
    scene.service.state().others.push(theirs);
    scene.asked();
    let mut changed = three();
    changed[0] = wanted(1, "Another", 1.0);
    scene.run(&changed, &[params(1, 1.0)]).await;
    assert_eq!(scene.asked(), ["read", "write", "write"]);
    let TabPlace::Refused(why) = scene.place() else {
        panic!("{:?}", scene.place())
    };
    assert!(why.contains("already exists"), "{why}");
    assert_eq!(scene.service.state().tab.rows[1][1].value, text("Another"));
    scene.run(&changed, &[params(1, 1.0)]).await;
    assert_eq!(scene.place(), TabPlace::Taken("Params".to_owned()));
}

#[tokio::test]
async fn a_tab_that_is_switched_off_stays_as_it_stands_and_isnt_read_any_more() {
    let mut scene = Scene::in_step().await;
    scene.run(&three(), &[params(1, 1.0)]).await;
    Deed::Type(1, 0, text("theirs now")).happens_to(&mut scene.service.state().others[0]);
    scene.asked();
    scene.run(&three(), &[]).await;
    assert_eq!(scene.asked(), ["read"]);
    assert_eq!(scene.google.tabs(), []);
    assert_eq!(scene.shows("Params").cell(1, 0), &text("theirs now"));
}

#[tokio::test]
async fn people_at_work_in_the_backlog_between_read_and_write_change_nothing_of_this() {
    let mut scene = Scene::in_step().await;
    let deeds = vec![Deed::InsertRow(1)];
    scene.service.state().people = VecDeque::from([deeds]);
    let mut changed = three();
    changed[0] = wanted(1, "Another", 1.0);
    scene.run(&changed, &[params(2, 1.0)]).await;
    assert_eq!(scene.asked(), ["get", "read", "write", "write"]);
    assert_eq!(scene.shows("Params"), as_grid(&params(2, 1.0)));
    assert_eq!(scene.service.state().tab.rows[2][1].value, text("Another"));
}

#[tokio::test]
async fn thousands_of_rows_go_in_parts_and_one_change_in_one_write() {
    let mut scene = Scene::in_step().await;
    scene.service.state().largest = 0;
    scene.run(&three(), &[params(5_000, 1.0)]).await;
    let asked = scene.asked();
    assert_eq!(asked[..2], ["get", "read"]);
    assert!((3..=5).contains(&(asked.len() - 2)), "{asked:?}");
    assert!(scene.service.state().largest < 2_000_000);
    assert_eq!(scene.shows("Params"), as_grid(&params(5_000, 1.0)));
    let mut one = params(5_000, 1.0);
    one.rows[4_321][5] = Cell::Number(2.0);
    let report = scene.run(&three(), &[one]).await;
    assert_eq!((scene.asked(), report.cells), (vec!["read", "write"], 1));
}
