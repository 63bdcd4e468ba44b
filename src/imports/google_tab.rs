//! A tab of a Google spreadsheet on its way in: which one is meant, and what was read of it as the same bytes that a file
//! has, so that it is looked at, imported and kept in the same way. How a spreadsheet is reached, `app` knows.

use super::{ImportError, file::File, report::Kind, upload};
use crate::{
    actions::{ActionError, Actor},
    domain::{ids::ImportId, rights::Act},
    store::{Db, idempotency::SentForm, import_files::Origin},
};
use chrono::{DateTime, Utc};
use csv::{QuoteStyle, WriterBuilder};
use std::{fmt, future::Future, pin::Pin, sync::Arc};

/// Which tab is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The spreadsheet, as its address names it.
    pub spreadsheet_id: String,
    /// The tab's title or number; none: the first.
    pub tab: Option<String>,
}

/// A tab as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadTab {
    /// What the spreadsheet is called.
    pub spreadsheet: String,
    /// What the tab is called.
    pub title: String,
    /// Its number.
    pub sheet_id: i32,
    /// Its rows from the first on.
    pub rows: Vec<Vec<String>>,
}

/// A tab that is being read, or why it can't be, with what to do.
pub type Reading = Pin<Box<dyn Future<Output = Result<ReadTab, String>> + Send>>;

/// The way to Google's spreadsheets.
#[derive(Clone)]
pub struct Tabs {
    /// The mirror's own, which is meant where none is named; none: the mirror goes elsewhere.
    pub usual: Option<Wanted>,
    /// With whom a spreadsheet is to be shared.
    pub account: String,
    read: Arc<dyn Fn(Wanted) -> Reading + Send + Sync>,
}

impl fmt::Debug for Tabs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Tabs");
        shown.field("usual", &self.usual).finish_non_exhaustive()
    }
}

impl Tabs {
    /// Tabs that are read in that way.
    #[must_use]
    pub fn new(
        usual: Option<Wanted>,
        account: String,
        read: impl Fn(Wanted) -> Reading + Send + Sync + 'static,
    ) -> Self {
        let read = Arc::new(read);
        Self {
            usual,
            account,
            read,
        }
    }

    /// What somebody means who typed that: an address or id, and a tab. Nothing typed: the mirror's own. An address as
    /// the browser shows it says which tab is open, by its number.
    ///
    /// # Errors
    /// It is no spreadsheet's address.
    pub fn meant(&self, typed: &str, tab: &str) -> Result<Wanted, ImportError> {
        let (typed, tab) = (typed.trim(), tab.trim());
        let tab = (!tab.is_empty()).then(|| tab.to_owned());
        let is_usual = |usual: &&Wanted| typed.is_empty() || typed == usual.spreadsheet_id;
        if let Some(usual) = self.usual.as_ref().filter(is_usual) {
            return Ok(Wanted {
                spreadsheet_id: usual.spreadsheet_id.clone(),
                tab: tab.or_else(|| usual.tab.clone()),
            });
        }
        let open_tab = || {
            let (_, after) = typed.split_once("gid=")?;
            let number = after.split(|c: char| !c.is_ascii_digit()).next()?;
            (!number.is_empty()).then(|| number.to_owned())
        };
        Ok(Wanted {
            spreadsheet_id: spreadsheet_id(typed)?,
            tab: tab.or_else(open_tab),
        })
    }

    /// Reads a tab. No connection to the database is held meanwhile.
    ///
    /// # Errors
    /// It can't be read, with what to do.
    pub async fn read(&self, wanted: Wanted) -> Result<(ReadTab, Origin), ImportError> {
        let spreadsheet_id = wanted.spreadsheet_id.clone();
        let read = (self.read)(wanted).await;
        let read = read.map_err(ActionError::Invalid)?;
        let origin = Origin {
            spreadsheet_id,
            sheet_id: read.sheet_id,
            tab: read.title.clone(),
        };
        Ok((read, origin))
    }
}

/// The part of a spreadsheet's address that names it.
fn spreadsheet_id(typed: &str) -> Result<String, ImportError> {
    let id = match typed.split_once("/d/") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
        None => typed,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    // The address of a published page has `/d/e/` before an id of another kind.
    if (2..=200).contains(&id.len()) && id.chars().all(is_plain) {
        return Ok(id.to_owned());
    }
    let why = "This is no address of a Google spreadsheet. Copy it from the browser while the spreadsheet is open: \
               https://docs.google.com/spreadsheets/d/…/edit.";
    Err(ActionError::Invalid(why.to_owned()).into())
}

impl ReadTab {
    /// The cells as CSV: every row as long as the longest, so that rows are counted as in the sheet.
    ///
    /// # Errors
    /// It can't be written, which nothing foresees.
    pub fn bytes(&self) -> Result<Vec<u8>, ImportError> {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut writer = WriterBuilder::new()
            .quote_style(QuoteStyle::Always)
            .from_writer(Vec::new());
        for row in &self.rows {
            let cells = row.iter().map(String::as_str);
            let padded = cells.chain(std::iter::repeat("")).take(width);
            writer
                .write_record(padded)
                .map_err(|_cannot_happen_in_memory| ImportError::Unreadable)?;
        }
        writer
            .into_inner()
            .map_err(|_cannot_happen_in_memory| ImportError::Unreadable)
    }

    /// What it is listed as.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.spreadsheet.trim() {
            "" => "Google spreadsheet",
            title => title,
        }
    }
}

/// Reads a tab, keeps what was read and previews it; the same form sent again finds the same.
///
/// # Errors
/// The tab can't be read, the actor may not, or the database failed; nothing is kept then.
pub async fn receive(
    db: &Db,
    (actor, now): (Actor, DateTime<Utc>),
    (tabs, wanted): (&Tabs, Wanted),
    kind: Option<Kind>,
    sent: Option<SentForm>,
) -> Result<ImportId, ImportError> {
    actor.must_be_allowed(Act::Import)?;
    let (read, origin) = tabs.read(wanted).await?;
    let bytes = read.bytes()?;
    let file = File {
        name: Some(read.name()),
        kind,
        tab: None,
        bytes: &bytes,
        origin: Some(&origin),
    };
    upload::receive(db, actor, now, file, sent).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::table::read_csv;

    fn tabs() -> Tabs {
        let usual = Wanted {
            spreadsheet_id: "1Mirror".into(),
            tab: Some("Backlog".into()),
        };
        Tabs::new(Some(usual), "a@b".into(), |_| {
            Box::pin(async { Err("not asked".into()) })
        })
    }

    #[test]
    fn an_address_an_id_and_nothing_name_a_spreadsheet() {
        let meant = |typed: &str, tab: &str| {
            let meant = tabs()
                .meant(typed, tab)
                .map(|wanted| (wanted.spreadsheet_id, wanted.tab));
            meant.map_err(|why| why.to_string())
        };
        let one = |id: &str, tab: Option<&str>| Ok((id.to_owned(), tab.map(str::to_owned)));
        assert_eq!(meant("", ""), one("1Mirror", Some("Backlog")));
        assert_eq!(meant(" 1Mirror ", "Params"), one("1Mirror", Some("Params")));
        assert_eq!(meant("1AbC-_9", ""), one("1AbC-_9", None));
        let address = "https://docs.google.com/spreadsheets/d/1AbC-_9/edit?gid=42#gid=42";
        assert_eq!(meant(address, ""), one("1AbC-_9", Some("42")));
        assert_eq!(meant(address, "Params"), one("1AbC-_9", Some("Params")));
        for wrong in [
            "my backlog",
            "https://docs.google.com/spreadsheets/d/e/2PACX-1/pubhtml",
            "https://example.com/",
        ] {
            assert!(
                meant(wrong, "")
                    .unwrap_err()
                    .starts_with("This is no address"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn without_a_spreadsheet_of_the_mirrors_one_is_named_and_only_its_id_is_taken() {
        let tabs = Tabs {
            usual: None,
            ..tabs()
        };
        assert!(tabs.meant("", "Params").is_err());
        let elsewhere = tabs.meant("http://10.0.0.1/spreadsheets/d/1AbC-_9/edit", "");
        assert_eq!(elsewhere.unwrap().spreadsheet_id, "1AbC-_9");
    }

    #[test]
    fn rows_are_counted_as_in_the_sheet_and_cells_stay_as_they_are() {
        let read = ReadTab {
            rows: vec![
                vec!["Key".into(), "Title; short".into()],
                vec![],
                vec!["INIT-1".into(), "two\n\"lines\", and =1+1".into()],
            ],
            ..ReadTab::default()
        };
        let table = read_csv(&read.bytes().unwrap()).unwrap();
        assert_eq!(table.headers, ["Key", "Title; short"]);
        let numbers: Vec<_> = table.rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [2, 3]);
        assert_eq!(table.rows[1].cell(1), "two\n\"lines\", and =1+1");
    }
}
