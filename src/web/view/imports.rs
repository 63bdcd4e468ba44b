//! Importing a file: the page that takes it, with those that came before, and the page of one file: what importing it
//! would do, or did.

use super::{FilterOption, Link, Pager, SelectOption, When, layout::Page};
use askama::Template;

/// The page that takes a file, and the list.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "imports/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// Who may import, if this person may not; empty: they may.
    pub why_not: String,
    /// Why the file wasn't taken; empty: nothing wrong.
    pub error: String,
    /// What the file may hold.
    pub kinds: Vec<SelectOption>,
    /// New with every rendering.
    pub form_key: String,
    /// What comes from a Google spreadsheet.
    pub google: GoogleTab,
    /// The list as a file.
    pub downloads: Vec<Link>,
    /// The files so far, newest first.
    pub rows: Vec<File>,
    /// Where the list stands.
    pub pager: Pager,
}

/// The form of a tab of a Google spreadsheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoogleTab {
    /// With whom a spreadsheet is to be shared; empty: no service account is set up.
    pub account: String,
    /// The spreadsheet's address or id.
    pub spreadsheet: String,
    /// The tab's title.
    pub tab: String,
    /// Why nothing was read; empty: nothing wrong.
    pub error: String,
    /// What the tab may hold.
    pub kinds: Vec<SelectOption>,
    /// New with every rendering.
    pub form_key: String,
}

/// A file in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// What it is called.
    pub name: String,
    /// Its page.
    pub href: String,
    /// `Params, tab “Params”`.
    pub what: String,
    /// `Imported`, or `Waits`.
    pub state: &'static str,
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// `12 new, 3 changed, 40 unchanged, 1 refused, 5 skipped`; empty: it can't be told yet.
    pub counts: String,
}

/// One file.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "imports/show.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// What it is called.
    pub name: String,
    /// `Params, tab “Params”, 12 kB`.
    pub what: String,
    /// The tab in Google's pages; empty: it came as a file.
    pub origin_href: String,
    /// Who uploaded it.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: When,
    /// The fingerprint of its bytes.
    pub sha256: String,
    /// Why what was asked for couldn't be done; empty: nothing wrong.
    pub error: String,
    /// Who may import, if this person may not; empty: they may.
    pub why_not: String,
    /// What can still be chosen; none: it was imported, or this person may not.
    pub form: Option<Form>,
    /// Who imported it and what came of it; none: it waits.
    pub done: Option<Done>,
    /// What importing would do, or did; none: it can't be told yet what to read.
    pub report: Option<Report>,
}

/// What can be chosen before an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Where *Import* posts.
    pub import_action: String,
    /// Where *Preview again* posts.
    pub preview_action: String,
    /// What the file may hold.
    pub kinds: Vec<SelectOption>,
    /// The tabs of a workbook; empty: the file is CSV.
    pub tabs: Vec<SelectOption>,
    /// Whether approvals are taken over.
    pub with_approvals: bool,
    /// Whether blank cells clear.
    pub clear_blanks: bool,
    /// Whether there is something to import.
    pub can_import: bool,
    /// New with every rendering.
    pub form_key: String,
}

/// An import that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// What was asked for: `with approvals`.
    pub options: Vec<&'static str>,
    /// Where it came out otherwise than the preview; empty: nowhere.
    pub moved: String,
    /// Where *Take it back* posts; empty: this person may not, or it wasn't one act.
    pub undo_action: String,
    /// Whether it was taken back.
    pub is_undone: bool,
    /// New with every rendering.
    pub form_key: String,
}

/// What importing would do, or did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// `12 new, 3 changed, 40 unchanged, 1 refused, 5 skipped`.
    pub counts: String,
    /// Approvals, refusals, what isn't listed.
    pub notes: Vec<String>,
    /// Which column means what.
    pub columns: Vec<Column>,
    /// Cells that differ and stay as people changed them here.
    pub kept: Vec<Kept>,
    /// Which rows are shown.
    pub filters: Vec<FilterOption>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the rows stand.
    pub pager: Pager,
}

/// A column of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its letters; empty where it isn't taken.
    pub letters: String,
    /// Its header.
    pub header: String,
    /// `effort_engineering_days`, or why it isn't taken.
    pub means: String,
    /// Whether it is taken.
    pub is_taken: bool,
    /// Whether the header is another name of the field.
    pub is_alias: bool,
}

/// A cell that stays as somebody changed it here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// What its tick box sends: `12:title`.
    pub choice: String,
    /// The tick box's id.
    pub id: String,
    /// `Row 12, INIT-3`.
    pub place: String,
    /// The column.
    pub column: String,
    /// What stands here; empty: nothing.
    pub here: String,
    /// What stands in the file; empty: nothing.
    pub typed: String,
    /// Who wrote what stands here.
    pub by: String,
    /// When.
    pub at: When,
    /// Whether the file's was chosen.
    pub is_chosen: bool,
}

/// A row of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Counted as in the sheet.
    pub number: String,
    /// The initiative's key; empty: none.
    pub key: String,
    /// What of it the row is about.
    pub about: String,
    /// `New`, `Changed`, …
    pub outcome: &'static str,
    /// Why, for a row that holds no data.
    pub why: String,
    /// Fields that change.
    pub changes: Vec<Change>,
    /// `and 12 more`; empty: all are listed.
    pub more: String,
    /// Cells that aren't taken.
    pub refused: Vec<Refused>,
}

/// A field that changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub column: String,
    /// Before; empty: nothing.
    pub from: String,
    /// After; empty: nothing.
    pub to: String,
}

/// A cell that isn't taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// Which.
    pub column: String,
    /// What stands there.
    pub typed: String,
    /// Why not.
    pub why: String,
}
