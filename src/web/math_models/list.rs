//! The list of models.

use crate::{
    domain::{ids::InitiativeKey, model_copy::CopyFrom, rights::Act},
    store::math_models::{self, MODELS_PAGE, ModelLine, ModelsQuery},
    web::{
        chips, download,
        error::WebError,
        figures::when,
        reply,
        view::{
            Empty, Hidden, Link, Pager, Search,
            badge::{Badge, State},
            layout::Nav,
            model::{Index, ListRow},
        },
        visit::Visit,
    },
};
use actix_web::{HttpResponse, web::Query};
use serde::Deserialize;

/// The answers to *State*, label and key.
const STATES: [(&str, &str); 4] = [
    ("All", ""),
    ("No formula", "no_formula"),
    ("Needs approval", "needs_approval"),
    ("Approved", "approved"),
];

/// What of the list is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

impl Asked {
    /// The state in force, if there is such a state.
    fn state(&self) -> Option<&'static str> {
        let mut keys = STATES.iter().map(|(_, key)| *key);
        keys.find(|key| !key.is_empty() && *key == self.state)
    }

    pub(super) fn query(&self) -> ModelsQuery {
        ModelsQuery {
            search: self.q.clone(),
            state: self.state(),
            after: place(&self.after),
        }
    }

    /// The list in another state, from its beginning, or this one from another place on.
    fn href(&self, state: &str, after: &str) -> String {
        match self.question(state, after) {
            all if all.is_empty() => "/math-models".to_owned(),
            part => format!("/math-models?{part}"),
        }
    }

    /// What stands after the question mark for that.
    fn question(&self, state: &str, after: &str) -> String {
        let pairs = [("q", self.q.as_str()), ("state", state), ("after", after)];
        let given: Vec<_> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        serde_urlencoded::to_string(given).unwrap_or_default()
    }
}

/// GET /math-models
pub async fn index(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let query = asked.query();
    let state = query.state.unwrap_or_default();
    let lines = visit
        .db
        .read(async move |mut conn| math_models::list(&mut conn, &query).await)
        .await?;
    let (lines, next) = page(lines);
    let can_copy = visit.may(Act::WriteModel).is_ok();
    let rows: Vec<_> = lines.iter().map(|line| row(line, can_copy)).collect();
    let kept = Hidden {
        name: "state".to_owned(),
        value: state.to_owned(),
    };
    reply::html(&Index {
        page: visit.page("Math models", Nav::Models),
        search: Search {
            action: "/math-models".to_owned(),
            query: asked.q.clone(),
            kept: Some(kept)
                .filter(|kept| !kept.value.is_empty())
                .into_iter()
                .collect(),
        },
        filters: vec![chips::row("State", &STATES, state, |key| {
            asked.href(key, "")
        })],
        clear_href: (!asked.q.is_empty() || !state.is_empty()).then(|| "/math-models".to_owned()),
        empty: rows.is_empty().then(|| empty(&asked)),
        pager: pager(rows.len(), &asked, next.as_deref()),
        downloads: download::links("/math-models", &asked.question(state, "")),
        rows,
    })
}

/// The initiative that a page begins after; nothing, or nonsense: the first page.
pub(super) fn place(after: &str) -> Option<(String, i64)> {
    let key: InitiativeKey = after.parse().ok()?;
    let (prefix, number) = key.as_str().rsplit_once('-')?;
    Some((prefix.to_owned(), number.parse().ok()?))
}

/// What is shown of the lines that were read, and the key that the next page begins after.
pub(super) fn page(lines: Vec<ModelLine>) -> (Vec<ModelLine>, Option<String>) {
    cut(lines, usize::try_from(MODELS_PAGE).unwrap_or(usize::MAX))
}

/// A full page without its last initiative, whose models may go on: the next page begins with it.
fn cut(mut lines: Vec<ModelLine>, limit: usize) -> (Vec<ModelLine>, Option<String>) {
    if lines.len() < limit {
        return (lines, None);
    }
    let last = lines.last().map(|line| line.initiative_key.clone());
    if lines
        .iter()
        .any(|line| Some(&line.initiative_key) != last.as_ref())
    {
        lines.retain(|line| Some(&line.initiative_key) != last.as_ref());
    }
    let next = lines.last().map(|line| line.initiative_key.clone());
    (lines, next)
}

fn row(line: &ModelLine, can_copy: bool) -> ListRow {
    let name = if line.model_name.is_empty() {
        &line.framework_name
    } else {
        &line.model_name
    };
    ListRow {
        id: line.id.0,
        href: format!("/math-models/{}", line.id),
        name: name.clone(),
        initiative: Link {
            label: line.initiative_key.clone(),
            href: format!("/initiatives/{}", line.initiative_key),
        },
        title: line.initiative_title.clone(),
        version: line
            .version
            .map(|version| version.to_string())
            .unwrap_or_default(),
        badge: badge(line),
        params: progress(line),
        changed: when(line.updated_at),
        copy_href: if can_copy && line.version.is_some() {
            format!("/copies/new?from={}", CopyFrom::Model(line.id))
        } else {
            String::new()
        },
    }
}

/// Where its formula stands.
pub(super) fn badge(line: &ModelLine) -> Badge {
    match (line.version, line.is_approved) {
        (None, _) => Badge::saying(State::Missing, "No formula"),
        (Some(_), true) => Badge::of(State::Approved),
        (Some(_), false) => Badge::of(State::NeedsApproval),
    }
}

/// How far its params are; empty: no formula was approved yet, or the one that is reads none.
fn progress(line: &ModelLine) -> String {
    let (all, missing) = (line.params, line.params - line.filled_params);
    match (all, missing) {
        (0, _) => String::new(),
        (_, 0) => format!("{} of {all} approved", line.approved_params),
        (_, 1) => format!("1 value of {all} missing"),
        _ => format!("{missing} values of {all} missing"),
    }
}

fn pager(count: usize, asked: &Asked, next: Option<&str>) -> Pager {
    let is_part = next.is_some() || !asked.after.is_empty();
    Pager {
        summary: match (is_part, count) {
            (true, n) => format!("{n} shown"),
            (false, 1) => "1 model".to_owned(),
            (false, n) => format!("{n} models"),
        },
        first_href: (!asked.after.is_empty()).then(|| asked.href(&asked.state, "")),
        next_href: next.map(|next| asked.href(&asked.state, next)),
    }
}

fn empty(asked: &Asked) -> Empty {
    let link = |label: &str, href: &str| Link {
        label: label.to_owned(),
        href: href.to_owned(),
    };
    if asked.q.is_empty() && asked.state().is_none() {
        Empty {
            title: "No math models yet".to_owned(),
            text: "Choose Math model as an initiative’s framework, or tick “use math model”; its model appears here."
                .to_owned(),
            links: vec![link("Open the backlog", "/backlog")],
            offers_sample_data: false,
        }
    } else {
        Empty {
            title: "No model matches".to_owned(),
            text: match (asked.q.as_str(), asked.state()) {
                ("", _) => "No model’s formula is in this state.".to_owned(),
                (words, None) => {
                    format!("No model’s name, initiative or title has “{words}” in it.")
                }
                (words, Some(_)) => {
                    format!(
                        "No model in this state has “{words}” in its name, initiative or title."
                    )
                }
            },
            links: vec![link("Show all models", "/math-models")],
            offers_sample_data: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MathModelId;
    use chrono::DateTime;

    fn line(key: &str) -> ModelLine {
        ModelLine {
            id: MathModelId(1),
            initiative_key: key.to_owned(),
            initiative_title: String::new(),
            framework_name: "Math model".to_owned(),
            model_name: String::new(),
            version: None,
            is_approved: false,
            params: 0,
            filled_params: 0,
            approved_params: 0,
            updated_by_name: "Bo".to_owned(),
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn pages_never_part_the_models_of_one_initiative() {
        let cases: [(&[&str], &[&str], Option<&str>); 5] = [
            (&[], &[], None),
            (&["A-1", "A-2"], &["A-1", "A-2"], None),
            (&["A-1", "A-2", "A-3"], &["A-1", "A-2"], Some("A-2")),
            (&["A-1", "A-2", "A-2"], &["A-1"], Some("A-1")),
            (&["A-1", "A-1", "A-1"], &["A-1", "A-1", "A-1"], Some("A-1")),
        ];
        for (all, shown, next) in cases {
            let (lines, after) = cut(all.iter().map(|key| line(key)).collect(), 3);
            let keys: Vec<_> = lines
                .iter()
                .map(|line| line.initiative_key.as_str())
                .collect();
            assert_eq!(
                (keys.as_slice(), after.as_deref()),
                (shown, next),
                "{all:?}"
            );
        }
    }

    #[test]
    fn a_model_says_what_its_params_lack_or_how_many_are_approved() {
        for ((params, filled, approved), says) in [
            ((0, 0, 0), ""),
            ((7, 5, 5), "2 values of 7 missing"),
            ((7, 6, 1), "1 value of 7 missing"),
            ((7, 7, 5), "5 of 7 approved"),
        ] {
            let line = ModelLine {
                params,
                filled_params: filled,
                approved_params: approved,
                ..line("A-1")
            };
            assert_eq!(progress(&line), says);
        }
    }

    #[test]
    fn a_page_begins_after_a_key_and_ignores_nonsense() {
        assert_eq!(place("INIT-12"), Some(("INIT".to_owned(), 12)));
        for nonsense in ["", "12", "INIT-99999999999999999999"] {
            assert_eq!(place(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn links_keep_the_search_and_the_state() {
        let asked = Asked {
            q: "a b".to_owned(),
            state: "approved".to_owned(),
            after: String::new(),
        };
        let next = "/math-models?q=a+b&state=approved&after=A-1";
        assert_eq!(asked.href("approved", "A-1"), next);
        assert_eq!(Asked::default().href("", ""), "/math-models");
        let unknown = Asked {
            state: "odd".to_owned(),
            ..Asked::default()
        };
        assert_eq!(unknown.state(), None);
    }
}
