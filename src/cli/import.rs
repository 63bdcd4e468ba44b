//! `productops import` and `productops sample-data`.

use super::{
    Import, Kind, SampleData,
    output::{Failure, complain, say},
    serve,
};
use crate::{
    actions::{Actor, Through},
    app::{Database, choose_cryptography, tabs},
    clock::Clock,
    config::Config,
    imports::{self, Options, Report, sample},
    store::{Db, import_files::Origin, users},
    web::sent_form::fresh_batch,
};
use std::path::Path;

impl From<Kind> for imports::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Backlog => Self::Backlog,
            Kind::MathModels => Self::MathModels,
            Kind::Params => Self::Params,
        }
    }
}

/// Brings a file or a Google tab in and prints the report.
pub(super) async fn import(config: &Config, call: Import) -> Result<(), Failure> {
    let brought = match &call.file {
        Some(path) => of_file(path)?,
        None => of_tab(config, &call).await?,
    };
    let database = Database::open(config).await?;
    let done = bring_in(&database.db, &call, &brought).await;
    let closed = database.close_when_unused().await;
    let report = done?;
    if call.json {
        let json = serde_json::to_string_pretty(&report)
            .map_err(|why| Failure::Surroundings(format!("The report can’t be written: {why}")))?;
        say(&json);
    } else {
        say(&report.to_string());
        if call.dry_run {
            say("This was a dry run: nothing was changed.");
        }
    }
    closed?;
    if report.took_something() {
        return Ok(());
    }
    complain(&format!("Nothing of {} could be taken.", brought.called));
    Err(Failure::SaidInput)
}

/// What is to come in.
struct Brought {
    /// As the caller knows it.
    called: String,
    /// As it is listed among the imports.
    name: Option<String>,
    bytes: Vec<u8>,
    origin: Option<Origin>,
}

fn of_file(path: &Path) -> Result<Brought, Failure> {
    let called = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|why| Failure::Input(format!("{called} can’t be read: {why}")))?;
    let name = path.file_name();
    Ok(Brought {
        called,
        name: name.map(|name| name.to_string_lossy().into_owned()),
        bytes,
        origin: None,
    })
}

async fn of_tab(config: &Config, call: &Import) -> Result<Brought, Failure> {
    choose_cryptography();
    let tabs = tabs(config).ok_or_else(|| {
        Failure::Surroundings(
            "No Google service account is set up that can be used: set GOOGLE_APPLICATION_CREDENTIALS."
                .to_owned(),
        )
    })?;
    let typed = call.spreadsheet.as_deref().unwrap_or_default();
    let wanted = tabs.meant(typed, call.sheet.as_deref().unwrap_or_default())?;
    let (read, origin) = tabs.read(wanted).await?;
    Ok(Brought {
        called: format!("the tab “{}”", read.title),
        name: Some(read.name().to_owned()),
        bytes: read.bytes()?,
        origin: Some(origin),
    })
}

async fn bring_in(db: &Db, call: &Import, brought: &Brought) -> Result<Report, Failure> {
    let actor = actor(db, call.acting.as_deref()).await?;
    // One act on however many initiatives, so that it can be taken back as one.
    let actor = actor.within(fresh_batch());
    let options = Options {
        dry_run: call.dry_run,
        with_approvals: call.with_approvals,
        clear_blanks: call.clear_blanks,
    };
    let file = imports::File {
        name: brought.name.as_deref(),
        kind: Some(call.kind.into()),
        tab: call.sheet.as_deref().filter(|_| brought.origin.is_none()),
        bytes: &brought.bytes,
        origin: brought.origin.as_ref(),
    };
    Ok(imports::run(db, actor, Clock::system().now(), file, options).await?)
}

/// Brings the sample workbook in and says what happened and where to go on.
pub(super) async fn sample_data(config: &Config, call: SampleData) -> Result<(), Failure> {
    let database = Database::open(config).await?;
    let done = bring_in_sample(&database.db, call.acting.as_deref()).await;
    let closed = database.close_when_unused().await;
    for report in done? {
        say(&report.to_string());
    }
    let address = serve::address(config, config.addr.port());
    if config.public_url.is_none() && config.addr.port() == 0 {
        say(
            "Start the app (scripts/run, or “productops serve”) and open the address that it prints.",
        );
    } else {
        say(&format!(
            "If the app isn’t running yet, start it (scripts/run, or “productops serve”), then sign in at {address}/sign-in"
        ));
    }
    Ok(closed?)
}

async fn bring_in_sample(db: &Db, acting: Option<&str>) -> Result<Vec<Report>, Failure> {
    let actor = actor(db, acting).await?;
    Ok(sample::bring_in(db, actor, Clock::system().now()).await?)
}

/// The person who acts; none named: the command line itself, as an admin.
async fn actor(db: &Db, email: Option<&str>) -> Result<Actor, Failure> {
    let Some(email) = email.map(str::to_owned) else {
        let system = db
            .read(async move |mut conn| users::get_system(&mut conn).await)
            .await?;
        return Ok(Actor::new(&system, Through::Import));
    };
    let asked = email.clone();
    let found = db
        .read(async move |mut conn| users::get_by_email(&mut conn, &asked).await)
        .await?;
    let nobody = || Failure::Call(format!("Nobody here has the e-mail address {email}."));
    Ok(Actor::new(&found.ok_or_else(nobody)?, Through::Import))
}
