//! The columns of a Central Backlog: which are the app's, what else they may be called, and where a sheet has them.
//! A column is found by its name, never by its place. Imports read by the same names.

use super::grid::Cell;
use crate::domain::initiative::{FIELD_COUNT, FIELDS};

pub use crate::domain::spreadsheet::{guarded, is_live, unguarded};

/// The column by which a row is found.
pub const KEY: &str = "initiative_key";
/// What else the key column may be called.
pub const KEY_ALIASES: [(&str, &str); 3] = [("initiative_id", KEY), ("key", KEY), ("id", KEY)];

/// The column that names the active framework.
pub const FRAMEWORK: &str = "active_scoring_framework";
/// The column that says whether the math model is on.
pub const USE_MATH_MODEL: &str = "use_math_model";

/// Other names of a backlog's columns, normalised, and the field each means.
pub const ALIASES: &[(&str, &str)] = &[
    ("initiative_title", "title"),
    ("initiative_name", "title"),
    ("problem", "problem_statement"),
    ("outcome", "desired_outcome"),
    ("intake", "intake_source"),
    ("dept", "department"),
    ("requester", "requester_name"),
    ("requester_e_mail", "requester_email"),
    ("requester_mail", "requester_email"),
    ("depends_on_initiatives", "dependencies_initiatives"),
    ("dependencies_other", "dependencies_others"),
    ("other_dependencies", "dependencies_others"),
    ("strategic_priority", "strategic_priority_coefficient"),
    ("priority_coefficient", "strategic_priority_coefficient"),
    ("effort_eng_days", "effort_engineering_days"),
    ("engineering_days", "effort_engineering_days"),
    ("eng_days", "effort_engineering_days"),
    ("effort_other_days", "effort_other_teams_days"),
    ("other_teams_days", "effort_other_teams_days"),
    ("infra_cost", "infra_cost_estimate"),
    ("infrastructure_cost_estimate", "infra_cost_estimate"),
    ("expected_impact_description", "impact_description"),
    ("expected_impact", "impact_description"),
    ("immediate_kpi", "immediate_kpi_key"),
    ("target_kpi_key", "target_kpi"),
    ("active_framework", FRAMEWORK),
    ("scoring_framework", FRAMEWORK),
    ("framework", FRAMEWORK),
];

/// The same for the columns that only the app writes; an import takes nothing from them.
const COMPUTED_ALIASES: [(&str, &str); 7] = [
    ("status_note", "score_note"),
    ("score_time", "scored_at"),
    ("receipt_link", "receipt"),
    ("receipt_url", "receipt"),
    ("score_receipt", "receipt"),
    ("last_updated_at", "updated_at"),
    ("last_updated_source", "updated_source"),
];

const SCORE: [&str; 9] = [
    FRAMEWORK,
    USE_MATH_MODEL,
    "value_score",
    "effort_score",
    "overall_score",
    "score_status",
    "score_note",
    "scored_at",
    "receipt",
];
const LAST: [&str; 3] = ["is_archived", "updated_at", "updated_source"];

/// How many columns are ours beside the key.
pub const OWNED_COUNT: usize = FIELD_COUNT + SCORE.len() + LAST.len();

/// The fields that are ours, in the order in which a new sheet has them: the title, how it is scored, everything else.
pub const OWNED: [&str; OWNED_COUNT] = {
    let mut all = [FIELDS[0].key; OWNED_COUNT];
    let mut at = 0;
    while at < SCORE.len() {
        all[1 + at] = SCORE[at];
        at += 1;
    }
    at = 1;
    while at < FIELDS.len() {
        all[SCORE.len() + at] = FIELDS[at].key;
        at += 1;
    }
    at = 0;
    while at < LAST.len() {
        all[SCORE.len() + FIELDS.len() + at] = LAST[at];
        at += 1;
    }
    all
};

/// Where a sheet has our columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The row of the headers.
    pub header_row: usize,
    /// The column of the keys.
    pub key: usize,
    /// Which of [`OWNED`] stands in which column, from left to right.
    pub columns: Vec<(usize, usize)>,
    /// Our fields that the sheet has no column for: nothing of them is mirrored.
    pub missing: Vec<&'static str>,
}

/// Why no column of a sheet can be trusted; nothing is written then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Rows can't be found.
    #[error(
        "The header names no column “{KEY}”, so no row can be found and nothing was written. Name the column of the \
         keys “{KEY}”, separate columns by commas, and keep the header in the first row."
    )]
    NoKey,
    /// Two columns that mean the same field.
    #[error(
        "Columns {first} and {second} both mean “{field}”, so nothing was written. Rename or remove one of them."
    )]
    Doubled {
        /// The field.
        field: &'static str,
        /// Letters and name of the first.
        first: String,
        /// Letters and name of the second.
        second: String,
    },
}

impl Layout {
    /// That of a sheet which we begin.
    #[must_use]
    pub fn fresh() -> Self {
        Self {
            header_row: 0,
            key: 0,
            columns: (0..OWNED_COUNT).map(|field| (field, field + 1)).collect(),
            missing: Vec::new(),
        }
    }

    /// That of a sheet with these header cells in that row.
    ///
    /// # Errors
    /// There is no column of keys, or two columns mean the same field.
    pub fn resolve(header_row: usize, headers: &[Cell]) -> Result<Self, LayoutError> {
        let mut places: Vec<(&'static str, usize)> = Vec::new();
        let fields = || [KEY].into_iter().chain(OWNED);
        let aliases = || ALIASES.iter().chain(&COMPUTED_ALIASES).copied();
        for (column, header) in headers.iter().enumerate() {
            let header_text = header.text();
            let Some(field) = field_named(&normalise(&header_text), fields(), aliases()) else {
                continue;
            };
            if let Some((_, earlier)) = places.iter().find(|(name, _)| *name == field) {
                return Err(LayoutError::Doubled {
                    field,
                    first: described(*earlier, &headers[*earlier].text()),
                    second: described(column, &header_text),
                });
            }
            places.push((field, column));
        }
        let place = |field: &str| {
            let mut places = places.iter();
            places.find_map(|(name, column)| (*name == field).then_some(*column))
        };
        let Some(key) = place(KEY) else {
            return Err(LayoutError::NoKey);
        };
        let is_missing = |field: &&str| place(field).is_none();
        let owned = |name: &str| OWNED.iter().position(|field| *field == name);
        Ok(Self {
            header_row,
            key,
            columns: places
                .iter()
                .filter_map(|(name, column)| Some((owned(name)?, *column)))
                .collect(),
            missing: OWNED.into_iter().filter(is_missing).collect(),
        })
    }
}

/// The field of that name or alias; `_` doesn't count, so `InitiativeKey` and `t-shirt size` are found too.
pub fn field_named(
    name: &str,
    fields: impl Iterator<Item = &'static str>,
    aliases: impl Iterator<Item = (&'static str, &'static str)>,
) -> Option<&'static str> {
    let bare = |name: &str| name.replace('_', "");
    let meant = bare(name);
    let names = fields.map(|field| (field, field));
    let mut names = names.chain(KEY_ALIASES).chain(aliases);
    names
        .find(|(candidate, _)| !meant.is_empty() && bare(candidate) == meant)
        .map(|(_, field)| field)
}

/// A header as names are compared: lower case, `_` for space and hyphen, no punctuation. `FW: Name` is `fw_name`.
#[must_use]
pub fn normalise(header: &str) -> String {
    let mut name = String::new();
    for c in header.chars().flat_map(char::to_lowercase) {
        let is_gap = c.is_whitespace() || matches!(c, '_' | '-' | '‐' | '‑' | '–' | '—' | '/');
        if c.is_alphanumeric() {
            name.push(c);
        } else if is_gap && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    name.truncate(name.trim_end_matches('_').len());
    name
}

/// The sheet's name of a column: A, B, … Z, AA for 0, 1, … 25, 26.
#[must_use]
pub fn column_letters(column: usize) -> String {
    const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let last = char::from(LETTERS[column % 26]);
    if column < 26 {
        last.to_string()
    } else {
        column_letters(column / 26 - 1) + &last.to_string()
    }
}

/// A column as people find it: its letters and its header.
#[must_use]
pub fn described(column: usize, header: &str) -> String {
    format!("{} (“{header}”)", column_letters(column))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn resolved(headers: &[&str]) -> Result<Layout, LayoutError> {
        let cells: Vec<_> = headers.iter().map(|h| Cell::Untyped((*h).into())).collect();
        Layout::resolve(0, &cells)
    }

    #[test]
    fn every_field_and_the_scores_are_ours_once() {
        assert_eq!(OWNED.iter().collect::<HashSet<_>>().len(), OWNED_COUNT);
        for field in FIELDS
            .iter()
            .map(|field| field.key)
            .chain(SCORE)
            .chain(LAST)
        {
            assert!(OWNED.contains(&field), "{field}");
        }
        assert_eq!(
            OWNED[..4],
            ["title", FRAMEWORK, USE_MATH_MODEL, "value_score"]
        );
    }

    #[test]
    fn our_columns_are_found_by_name_wherever_they_stand() {
        let layout = resolved(&[
            "PM Notes",
            "Value Score",
            "Initiative ID",
            "",
            "Last updated at",
        ]);
        let layout = layout.unwrap();
        assert_eq!(layout.key, 2);
        let found: Vec<_> = layout
            .columns
            .iter()
            .map(|(f, c)| (OWNED[*f], *c))
            .collect();
        assert_eq!(found, [("value_score", 1), ("updated_at", 4)]);
        assert_eq!(layout.missing.len(), OWNED_COUNT - 2);
    }

    #[test]
    fn a_new_sheets_headers_resolve_to_the_layout_it_was_made_with() {
        let headers: Vec<_> = [KEY].into_iter().chain(OWNED).collect();
        assert_eq!(resolved(&headers), Ok(Layout::fresh()));
    }

    #[test]
    fn a_sheet_without_keys_or_with_a_field_twice_is_not_written() {
        assert_eq!(resolved(&["Title", "PM Notes"]), Err(LayoutError::NoKey));
        let doubled = resolved(&["Key", "Updated At", "x", "last_updated_at"]).unwrap_err();
        assert!(
            doubled
                .to_string()
                .starts_with("Columns B (“Updated At”) and D")
        );
    }
}
