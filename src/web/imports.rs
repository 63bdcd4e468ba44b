//! Imports: the page that takes a file, what importing it would do, doing it, and the files so far.

mod answers;
pub mod export;
mod multipart;

use super::{
    download,
    error::WebError,
    reply,
    sent_form::{fresh_key, of_file},
    view::{
        change,
        imports::{Index, Show},
        layout::Nav,
    },
    visit::Visit,
};
use crate::{
    actions::{ActionError, Actor, Through, undo as undo_acts},
    domain::{ids::ImportId, rights::Act},
    imports::{
        Choices, File, ImportError, Kind, Options,
        file::Untold,
        google_tab::{self, Tabs},
        upload::{self, Asked},
    },
    store::{
        history,
        import_files::{self, ImportFile},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path, Payload, Query},
};
use serde::Deserialize;

/// Where in the list the page stands.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Before {
    before: Option<i64>,
}

/// GET /imports
pub async fn index(
    visit: Visit,
    tabs: Data<Option<Tabs>>,
    asked: Query<Before>,
) -> Result<HttpResponse, WebError> {
    reply::html(&list(&visit, tabs.as_ref().as_ref(), *asked).await?)
}

async fn list(visit: &Visit, tabs: Option<&Tabs>, asked: Before) -> Result<Index, WebError> {
    let before = asked.before.map(ImportId);
    let read = visit
        .db
        .read(async move |mut conn| import_files::list(&mut conn, before).await);
    let found = read.await?;
    Ok(Index {
        page: visit.page("Imports", Nav::Elsewhere),
        why_not: why_not(visit),
        error: String::new(),
        kinds: answers::kinds(None),
        google: answers::google(tabs),
        form_key: fresh_key(),
        rows: found.iter().map(answers::file).collect(),
        downloads: download::links("/imports", ""),
        pager: answers::list_pager(&found, before),
    })
}

fn why_not(visit: &Visit) -> String {
    let refusal = visit.may(Act::Import).err();
    refusal.map(|refusal| refusal.short()).unwrap_or_default()
}

/// POST /imports: takes a file in and goes to its page. Imports nothing.
pub async fn receive(
    visit: Visit,
    tabs: Data<Option<Tabs>>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, WebError> {
    visit.may(Act::Import).map_err(ActionError::from)?;
    let upload = match multipart::read(&request, body).await? {
        Ok(upload) => upload,
        Err(why) => return not_taken(&visit, tabs.as_ref().as_ref(), None, why).await,
    };
    let kind = Kind::from_key(&upload.kind);
    let file = File {
        name: Some(&upload.name),
        kind,
        tab: None,
        bytes: &upload.bytes,
        origin: None,
    };
    let sent = of_file(request.path(), &upload.form_key, &upload.bytes);
    let actor = importer(&visit);
    match upload::receive(&visit.db, actor, visit.now(), file, sent).await {
        Ok(id) => Ok(reply::go_to(&format!("/imports/{id}"))),
        Err(why) => not_taken(&visit, tabs.as_ref().as_ref(), kind, words(why)?).await,
    }
}

/// What the form of a Google tab sends.
#[derive(Clone, Debug, Deserialize)]
pub struct TabSent {
    #[serde(default)]
    spreadsheet: String,
    #[serde(default)]
    tab: String,
    #[serde(default)]
    kind: String,
}

/// POST /imports/google: reads a tab of a Google spreadsheet and goes to its page. Imports nothing.
pub async fn receive_tab(
    visit: Visit,
    tabs: Data<Option<Tabs>>,
    sent: Form<TabSent>,
) -> Result<HttpResponse, WebError> {
    visit.may(Act::Import).map_err(ActionError::from)?;
    let taken = match tabs.as_ref() {
        None => Err(ActionError::Invalid(NO_ACCOUNT.to_owned()).into()),
        Some(tabs) => read_tab(&visit, tabs, &sent).await,
    };
    match taken {
        Ok(id) => Ok(reply::go_to(&format!("/imports/{id}"))),
        Err(why) => {
            let mut page = list(&visit, tabs.as_ref().as_ref(), Before::default()).await?;
            answers::retype_tab(&mut page.google, &sent, words(why)?);
            reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

const NO_ACCOUNT: &str = "No Google service account is set up.";

async fn read_tab(visit: &Visit, tabs: &Tabs, sent: &TabSent) -> Result<ImportId, ImportError> {
    let wanted = tabs.meant(&sent.spreadsheet, &sent.tab)?;
    let who = (importer(visit), visit.now());
    let kind = Kind::from_key(&sent.kind);
    google_tab::receive(&visit.db, who, (tabs, wanted), kind, visit.sent.clone()).await
}

fn importer(visit: &Visit) -> Actor {
    Actor::new(&visit.user, Through::Import).within(visit.batch)
}

/// Why a file or what is asked of it isn't taken, in words; what isn't the file's fault goes on.
fn words(error: ImportError) -> Result<String, WebError> {
    match error {
        ImportError::Action(ActionError::Invalid(why)) => Ok(why),
        ImportError::Action(other) => Err(other.into()),
        about_the_file => Ok(about_the_file.to_string()),
    }
}

async fn not_taken(
    visit: &Visit,
    tabs: Option<&Tabs>,
    kind: Option<Kind>,
    why: String,
) -> Result<HttpResponse, WebError> {
    let page = Index {
        error: why,
        kinds: answers::kinds(kind),
        ..list(visit, tabs, Before::default()).await?
    };
    reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Which rows of a file are shown.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Shown {
    /// An outcome's key, `kept`; anything else: all.
    #[serde(default)]
    show: String,
    /// The row after which the page begins.
    after: Option<usize>,
}

/// GET /imports/{id}
pub async fn show(
    visit: Visit,
    id: Path<i64>,
    shown: Query<Shown>,
) -> Result<HttpResponse, WebError> {
    reply::html(&page(&visit, ImportId(*id), &shown).await?)
}

async fn page(visit: &Visit, id: ImportId, shown: &Shown) -> Result<Show, WebError> {
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let Some(file) = import_files::get(&mut conn, id).await? else {
            return Ok(None);
        };
        let undo = match file.done.as_ref().and_then(|done| done.batch) {
            Some(act) => history::undo_of(&mut conn, act).await?,
            None => None,
        };
        Ok(Some((file, undo.is_some())))
    });
    let found: Option<(ImportFile, bool)> = read.await?;
    let (file, is_undone) = found.ok_or(WebError::NotFound("import"))?;
    let asked = Asked::of(&file.reading);
    let mut shown = answers::show(visit, &file, &asked, shown);
    if let Some(done) = &mut shown.done {
        done.is_undone = is_undone;
    }
    Ok(Show {
        page: visit.page(file.file_name.clone(), Nav::Elsewhere),
        why_not: why_not(visit),
        error: untold(&file),
        ..shown
    })
}

/// Why nothing of a file was previewed; empty: it was, or nobody has asked yet.
fn untold(file: &ImportFile) -> String {
    let is_untold = file.done.is_none() && file.reading.kind.is_none();
    let why = is_untold.then(|| Untold::WhichKind { tabs: vec![] });
    why.map(|why| why.to_string()).unwrap_or_default()
}

/// What the forms send: fields by name, `take` once for each chosen cell.
type Sent = Form<Vec<(String, String)>>;

fn asked(sent: &Sent) -> Asked {
    let field = |wanted: &str| {
        let mut found = sent.iter().filter(|(name, _)| name == wanted);
        found.next().map_or("", |(_, value)| value.as_str())
    };
    let chosen = sent.iter().filter(|(name, _)| name == "take");
    let cell = |(_, value): &(String, String)| {
        let (row, field) = value.split_once(':')?;
        Some((row.parse().ok()?, field.to_owned()))
    };
    Asked {
        kind: Kind::from_key(field("kind")),
        tab: Some(field("tab").to_owned()).filter(|tab| !tab.is_empty()),
        options: Options {
            dry_run: false,
            with_approvals: field("with_approvals") == "yes",
            clear_blanks: field("clear_blanks") == "yes",
        },
        choices: Choices(chosen.filter_map(cell).collect()),
    }
}

/// POST /imports/{id}/preview
pub async fn preview(visit: Visit, id: Path<i64>, sent: Sent) -> Result<HttpResponse, WebError> {
    let (id, asked) = (ImportId(*id), asked(&sent));
    let (actor, now) = (importer(&visit), visit.now());
    let done = upload::preview_again(&visit.db, actor, now, id, asked.clone()).await;
    answer(&visit, id, asked, done).await
}

/// POST /imports/{id}/application
pub async fn import(visit: Visit, id: Path<i64>, sent: Sent) -> Result<HttpResponse, WebError> {
    let (id, asked) = (ImportId(*id), asked(&sent));
    let (actor, now) = (importer(&visit), visit.now());
    let done = upload::import(&visit.db, actor, now, id, asked.clone()).await;
    answer(&visit, id, asked, done).await
}

/// How many sentences of what an undo did are listed.
const LISTED: usize = 200;

/// POST /imports/{id}/undo
pub async fn undo(visit: Visit, id: Path<i64>) -> Result<HttpResponse, WebError> {
    visit.may(Act::Import).map_err(ActionError::from)?;
    let id = ImportId(*id);
    let read = visit
        .db
        .read(async move |mut conn| import_files::get(&mut conn, id).await);
    let file = read.await?.ok_or(WebError::NotFound("import"))?;
    let act = file.done.and_then(|done| done.batch).ok_or_else(|| {
        let why =
            "This file wasn’t imported as one act, so there is nothing to take back as a whole.";
        ActionError::Invalid(why.to_owned())
    })?;
    let done = visit
        .act_long_once(
            "undo of an import",
            async move |mut tx| undo_acts::again(&mut tx, act).await,
            async move |mut tx, actor, now| {
                // What it writes is the import's affair: the same file, put right, then meets nobody's changes.
                let through = Through::Import;
                let actor = Actor { through, ..actor };
                undo_acts::undo_import(&mut tx, &actor, now, act).await
            },
        )
        .await?;
    let title = "Import taken back";
    reply::html(&change::Undone {
        page: visit.page(title, Nav::Elsewhere),
        title: title.to_owned(),
        changes: answers::undone(&done.changes, LISTED),
        stays: done.stays,
        redo: None,
        back_href: format!("/imports/{id}"),
    })
}

/// The file's page; where what was asked for can't be done, with the reason and what was chosen.
async fn answer(
    visit: &Visit,
    id: ImportId,
    asked: Asked,
    done: Result<(), ImportError>,
) -> Result<HttpResponse, WebError> {
    let Err(why) = done else {
        return Ok(reply::go_to(&format!("/imports/{id}")));
    };
    let error = words(why)?;
    let mut page = page(visit, id, &Shown::default()).await?;
    page.error = error;
    if let Some(form) = &mut page.form {
        answers::retype(form, &asked);
    }
    reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
