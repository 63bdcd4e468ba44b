//! The grid in other groups than those of initiatives: by whose a param is, or by where it stands.
//!
//! Each group is a list of its own, in the order of initiatives, read as far as the page has room: so however many params
//! there are, a page costs at most one look a group, and goes on after its last row.

use super::params_grid::{self, GRID_PAGE, GridGroup, GridQuery};
use crate::domain::{ids::ParamId, param::Source};
use sqlx::PgConnection;

/// What the groups are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// Whose a param is.
    Source,
    /// Where it stands.
    State,
}

/// The states that a param is in one of, as the grid asks for them.
const STATES: [&str; 4] = ["missing", "needs_approval", "approved_in_use", "not_used"];

impl GroupBy {
    /// The groups in their order; where the list is filtered by the same thing, the one that is left.
    fn keys(self, query: &GridQuery) -> Vec<&str> {
        match (self, &query.source, &query.state) {
            (Self::Source, Some(only), _) | (Self::State, _, Some(only)) => vec![only],
            (Self::Source, None, _) => {
                let guess = ["none", Source::Llm.key()];
                guess
                    .into_iter()
                    .chain(Source::CHOICES.map(Source::key))
                    .collect()
            }
            (Self::State, _, None) => STATES.to_vec(),
        }
    }

    fn only(self, query: &GridQuery, key: &str) -> GridQuery {
        let key = Some(key.to_owned());
        match self {
            Self::Source => GridQuery {
                source: key,
                ..query.clone()
            },
            Self::State => GridQuery {
                state: key,
                ..query.clone()
            },
        }
    }
}

/// The part of a group that a page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelf {
    /// A source, `none`, or a state.
    pub key: String,
    /// Its rows, by initiative and framework.
    pub groups: Vec<GridGroup>,
    /// Whether these are all its rows.
    pub is_whole: bool,
}

impl Shelf {
    fn len(&self) -> usize {
        self.groups.iter().map(|group| group.params.len()).sum()
    }

    /// Leaves so many rows, from the first.
    fn truncate(&mut self, mut room: usize) {
        for group in &mut self.groups {
            group.params.truncate(room);
            room -= group.params.len();
        }
        self.groups.retain(|group| !group.params.is_empty());
    }
}

/// A page of the grid in such groups; those without a row aren't there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShelvedPage {
    /// The groups.
    pub shelves: Vec<Shelf>,
    /// Whether there is more.
    pub has_more: bool,
    /// The frameworks there are, by key and name.
    pub frameworks: Vec<(String, String)>,
}

impl ShelvedPage {
    /// The last row, and the group that it is in: what the next page goes on after.
    #[must_use]
    pub fn last(&self) -> Option<(ParamId, &str)> {
        let ends_in = self.shelves.last()?;
        let param = ends_in.groups.last()?.params.last()?;
        Some((param.id, &ends_in.key))
    }
}

/// One page. `query.after` is a row of the group `at`, which the page before ended in.
pub async fn list(
    conn: &mut PgConnection,
    query: &GridQuery,
    by: GroupBy,
    at: &str,
) -> sqlx::Result<ShelvedPage> {
    let keys = by.keys(query);
    let present = match by {
        GroupBy::Source => Some(sources(conn).await?),
        GroupBy::State => None,
    };
    let begins = keys.iter().position(|key| *key == at);
    let mut page = ShelvedPage::default();
    let mut room = usize::try_from(GRID_PAGE).unwrap_or(usize::MAX);
    for (place, key) in keys.iter().enumerate().skip(begins.unwrap_or_default()) {
        let goes_on = begins == Some(place) && query.after.is_some();
        let mut asked = by.only(query, key);
        if !goes_on {
            asked.after = None;
        }
        let is_there = |all: &Vec<String>| all.iter().any(|one| one == key);
        if !present.as_ref().is_none_or(is_there) {
            continue;
        }
        let found = params_grid::find(conn, &asked).await?;
        if !found.frameworks.is_empty() {
            page.frameworks = found.frameworks;
        }
        let mut shelf = Shelf {
            key: (*key).to_owned(),
            groups: found.groups,
            is_whole: !found.has_more && !goes_on,
        };
        let is_cut = found.has_more || shelf.len() > room;
        shelf.is_whole &= !is_cut;
        shelf.truncate(room);
        room -= shelf.len();
        if shelf.len() > 0 {
            page.shelves.push(shelf);
        }
        if is_cut {
            page.has_more = true;
            break;
        }
    }
    if page.frameworks.is_empty() {
        page.frameworks = params_grid::named_frameworks(conn).await?;
    }
    Ok(page)
}

/// The sources that any param has: an empty group, as that of nobody's mostly is, isn't looked for far and wide.
async fn sources(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select case s when '' then 'none' else s end as "source!"
           from unnest(array['', 'LLM', 'PM', 'Analytics', 'Finance', 'Eng']) s
           where exists (select from params where source = s)"#
    )
    .fetch_all(conn)
    .await
}

#[cfg(test)]
mod tests;
