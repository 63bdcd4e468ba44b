//! All scenarios side by side: as a table, as bars, as a file; and the form that makes another.

use super::{
    formula,
    load::{base_href, comparison_href, driver_href, group, head, of_path, whose},
};
use crate::{
    actions::scenario_group::Group,
    domain::{
        math_model::BASE,
        param::{Number, Param},
        rights::Act,
        scenario::{QUICK_LABELS, Scenario, Whose},
        scoring::{Missing, Score},
    },
    store::history::Subject,
    web::{
        download::{self, Cell, Table},
        error::WebError,
        figures, reply,
        sent_form::fresh_key,
        undo,
        view::{
            Figure, Link, Seen,
            badge::{Badge, State},
            layout::Nav,
            scenario::{Bar, Column, FormulaCell, Index, NewScenario, Row, Said},
        },
        visit::Visit,
    },
};
use actix_web::{HttpResponse, http::StatusCode, web::Path};

/// GET /initiatives/{key}/frameworks/{framework}/scenarios
pub async fn index(visit: Visit, of: Path<(String, String)>) -> Result<HttpResponse, WebError> {
    let group = group(&visit, &of_path(&of)?).await?;
    let mut page = page(&visit, &group);
    page.page.notices.extend(undo::told(&visit).await?);
    let key = group.initiative.key.to_string();
    page.page.undo = Some(undo::place(&visit, Subject::Initiative(key)).await?);
    reply::html(&page)
}

/// The page again, with the name that wasn't taken and why.
pub(super) async fn not_made(
    visit: &Visit,
    whose: &Whose,
    (label, why): (String, String),
) -> Result<HttpResponse, WebError> {
    let mut page = page(visit, &group(visit, whose).await?);
    page.page.path = comparison_href(whose);
    page.new.label = label;
    page.new.error = why;
    reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// A scenario, or Base, with what it gives.
struct Case<'a> {
    scenario: Option<&'a Scenario>,
    params: Vec<Param>,
    preview: Option<Score>,
    missing: Vec<Missing>,
}

impl Case<'_> {
    fn label(&self) -> &str {
        self.scenario.map_or(BASE, |scenario| &scenario.label)
    }
}

fn cases(group: &Group) -> Vec<Case<'_>> {
    let all = std::iter::once(None).chain(group.open().map(Some));
    all.map(|scenario| Case {
        scenario,
        params: group.params_in(scenario),
        preview: group.preview(scenario),
        missing: group.score(scenario).err().unwrap_or_default(),
    })
    .collect()
}

fn page(visit: &Visit, group: &Group) -> Index {
    let cases = cases(group);
    let href = comparison_href(&group.whose());
    let title = format!("Scenarios of {}", group.initiative.key);
    let away = group
        .scenarios
        .iter()
        .filter(|one| one.put_away_at.is_some());
    Index {
        page: visit.page(title, Nav::Models),
        head: head(group, None, true),
        columns: cases
            .iter()
            .map(|case| column(visit, group, case))
            .collect(),
        formulas: formulas(group, &cases),
        params: params(group, &cases),
        results: results(group, &cases),
        bars: bars(group, &cases),
        downloads: download::links(&href, ""),
        put_away: away
            .map(|scenario| Link {
                label: scenario.label.clone(),
                href: format!("/scenarios/{}", scenario.id),
            })
            .collect(),
        new: new_scenario(visit, group),
    }
}

fn new_scenario(visit: &Visit, group: &Group) -> NewScenario {
    let refusal = visit.may(Act::WriteModel).err();
    let refusal = refusal.map(|refusal| refusal.short());
    let is_free = |label: &&&str| group.scenarios.iter().all(|one| one.label != **label);
    NewScenario {
        action: comparison_href(&group.whose()),
        label: String::new(),
        quick: QUICK_LABELS
            .iter()
            .filter(is_free)
            .map(|label| (*label).to_owned())
            .collect(),
        error: String::new(),
        why_not: refusal.or_else(|| group.why_none_yet()).unwrap_or_default(),
        seen: Seen {
            // Names are looked at when one is made; nothing else can collide.
            revision: group.initiative.revision,
            form_key: fresh_key(),
        },
    }
}

fn column(visit: &Visit, group: &Group, case: &Case<'_>) -> Column {
    let drives = match case.scenario {
        Some(scenario) => scenario.drives,
        None => group.driver().is_none(),
    };
    let is_ready = case.missing.is_empty();
    let can_drive = !drives && visit.may(Act::DriveScore).is_ok();
    // Base may always be gone back to.
    let is_offered = can_drive && (is_ready && group.is_on || case.scenario.is_none());
    let id = case.scenario.map(|scenario| scenario.id);
    Column {
        link: Link {
            label: case.label().to_owned(),
            href: match id {
                Some(id) => format!("/scenarios/{id}"),
                None => base_href(group),
            },
        },
        badge: if is_ready {
            Badge::saying(State::Approved, "Ready")
        } else {
            let count = case.missing.len();
            Badge::saying(State::NotReady, format!("Not ready: {count} to do"))
        },
        drives,
        missing: case
            .missing
            .first()
            .map(|missing| format!("{missing} ({})", missing.owed_by()))
            .unwrap_or_default(),
        drive_href: if is_offered {
            driver_href(&group.whose(), id)
        } else {
            String::new()
        },
    }
}

fn formulas(group: &Group, cases: &[Case<'_>]) -> Vec<FormulaCell> {
    let cells = cases.iter().map(|case| {
        let own = case.scenario.and_then(|scenario| scenario.formula.as_ref());
        let base = group.base.text_in(None);
        let says = match (case.scenario, own, base) {
            (Some(_), Some(own), _) => format!("Its own, version {}", own.version),
            (Some(_), None, _) => "Base’s".to_owned(),
            (None, _, Some((version, _))) => format!("Version {version}"),
            (None, _, None) => "None yet".to_owned(),
        };
        let says_it_all = case.scenario.is_none() || own.is_some();
        let text = group.base.text_in(case.scenario).filter(|_| says_it_all);
        FormulaCell {
            label: case.label().to_owned(),
            says,
            text: text.map(|(_, text)| text.to_owned()).unwrap_or_default(),
            diff: formula::changes(group, own.map(|own| own.text.as_str())),
            differs: own.is_some(),
        }
    });
    cells.collect()
}

fn params(group: &Group, cases: &[Case<'_>]) -> Vec<Row> {
    let rows = group.params.iter().enumerate().map(|(at, param)| {
        let cells = cases.iter().map(|case| {
            let digits = case.params[at].counts().map(Number::decimal);
            Said {
                label: case.label().to_owned(),
                figure: digits
                    .map(|digits| figures::stored(digits, &param.unit).0)
                    .unwrap_or_default(),
                differs: digits != param.value.as_ref().map(Number::decimal),
            }
        });
        Row {
            label: param.label().to_owned(),
            name: param.name.clone(),
            remark: match (param.is_used(), param.is_read_aside) {
                (true, _) => "",
                (false, true) => "only in another scenario",
                (false, false) => "not used",
            }
            .to_owned(),
            cells: cells.collect(),
        }
    });
    rows.collect()
}

type Reading = fn(&Score) -> Option<f64>;
const FIGURES: [(&str, Reading); 3] = [
    ("Value", |score| Some(score.value)),
    ("Effort", |score| score.effort),
    ("Overall", |score| score.overall),
];

fn results(group: &Group, cases: &[Case<'_>]) -> Vec<Row> {
    let rows = FIGURES.iter().map(|(label, read)| {
        let unit = if *label == "Value" {
            group.base.unit().to_owned()
        } else {
            String::new()
        };
        let number = |case: &Case<'_>| case.preview.as_ref().and_then(read);
        let base = cases.first().and_then(number);
        Row {
            label: (*label).to_owned(),
            cells: cases
                .iter()
                .map(|case| Said {
                    label: case.label().to_owned(),
                    figure: figures::score(number(case), &unit),
                    differs: number(case).map(f64::to_bits) != base.map(f64::to_bits),
                })
                .collect(),
            ..Row::default()
        }
    });
    rows.collect()
}

/// The values as lengths from zero, so that a loss goes the other way.
fn bars(group: &Group, cases: &[Case<'_>]) -> Vec<Bar> {
    let value = |case: &Case<'_>| case.preview.as_ref().map(|score| score.value);
    let all: Vec<_> = cases.iter().filter_map(value).collect();
    let lowest = all.iter().copied().fold(0.0, f64::min);
    let highest = all.iter().copied().fold(0.0, f64::max);
    let unit = group.base.unit();
    let bars = cases.iter().map(|case| {
        let (x, width) = value(case).map_or((0.0, 0.0), |value| length(value, lowest, highest));
        Bar {
            label: case.label().to_owned(),
            figure: value(case)
                .map_or_else(Figure::default, |value| figures::score(Some(value), unit)),
            x: format!("{x:.1}"),
            width: format!("{width:.1}"),
        }
    });
    bars.collect()
}

/// Where a bar begins and how long it is, in a box 1000 wide that holds everything from `lowest` to `highest`.
fn length(value: f64, lowest: f64, highest: f64) -> (f64, f64) {
    // Halved first, so that the span of the largest numbers stays finite.
    let span = highest / 2.0 - lowest / 2.0;
    if span <= 0.0 {
        return (0.0, 0.0);
    }
    let place = |number: f64| (number / 2.0 - lowest / 2.0) / span * 1000.0;
    let (zero, end) = (place(0.0), place(value));
    (zero.min(end), (end - zero).abs())
}

/// GET /initiatives/{key}/frameworks/{framework}/scenarios.csv, .xlsx
pub async fn export(
    visit: Visit,
    of: Path<(String, String, String)>,
) -> Result<HttpResponse, WebError> {
    let (key, framework, ending) = of.into_inner();
    let group = group(&visit, &whose(&key, &framework)?).await?;
    download::serve_made(&visit, &ending, table(&group)).await
}

fn table(group: &Group) -> Table {
    let cases = cases(group);
    let mut headers = ["Param", "Name", "Unit"].map(str::to_owned).to_vec();
    headers.extend(cases.iter().map(|case| case.label().to_owned()));
    let params = group.params.iter().enumerate().map(|(at, param)| {
        let number = |case: &Case<'_>| Cell::number(case.params[at].counts().map(Number::value));
        let named = [param.label(), &param.name, &param.unit].map(Cell::text);
        named.into_iter().chain(cases.iter().map(number)).collect()
    });
    let results = FIGURES.iter().map(|(label, read)| {
        let number = |case: &Case<'_>| Cell::number(case.preview.as_ref().and_then(read));
        let unit = if *label == "Value" {
            group.base.unit().to_owned()
        } else {
            String::new()
        };
        let named = [Cell::text(*label), Cell::Blank, Cell::text(unit)];
        named.into_iter().chain(cases.iter().map(number)).collect()
    });
    let text = |case: &Case<'_>| {
        let text = group.base.text_in(case.scenario);
        Cell::text(text.map(|(_, text)| text).unwrap_or_default())
    };
    let named = [Cell::text("Formula"), Cell::Blank, Cell::Blank];
    let formula: Vec<_> = named.into_iter().chain(cases.iter().map(text)).collect();
    let rows = std::iter::once(formula).chain(params).chain(results);
    Table::new("scenarios", headers, rows)
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn bars_begin_at_zero_and_losses_go_the_other_way() {
        for (value, lowest, highest, bar) in [
            (50.0, 0.0, 100.0, (0.0, 500.0)),
            (100.0, 0.0, 100.0, (0.0, 1000.0)),
            (-50.0, -50.0, 50.0, (0.0, 500.0)),
            (50.0, -50.0, 50.0, (500.0, 500.0)),
            (0.0, 0.0, 0.0, (0.0, 0.0)),
            (1e300, -1e300, 1e300, (500.0, 500.0)),
        ] {
            assert_eq!(length(value, lowest, highest), bar, "{value}");
        }
    }
}
