//! Puts it together: configuration, database, web server. The only file that knows everything.

mod google_tabs;

use crate::{
    clock::Clock,
    config::{Config, Oidc},
    identity::{
        ClientId, ClientSecret, IssuerUrl, Provider, RedirectUrl, Settings as ProviderSettings,
    },
    llm::Llm,
    mirror::google::GoogleSettings,
    postgres::{self, Embedded, PostgresError},
    store::{Db, MIGRATOR, db::DbOptions, idempotency, llm_settings, sessions, users},
    web::{
        self, MirrorSetUp, SignIn, SingleSignOn, TopBar, Wall,
        live::{self, Crowd, Hub},
    },
    worker::{Destination, MirrorSettings, Worker},
};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    str::FromStr as _,
    time::Duration,
};
use tokio::signal::unix::{SignalKind, signal};

pub use google_tabs::tabs;

/// How long an answer of Google's may take.
const SHEETS_DEADLINE: Duration = Duration::from_secs(30);

/// Why the app could not start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The embedded cluster.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The database.
    #[error("The database can’t be used: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema.
    #[error("The database can’t be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The address.
    #[error(
        "Can’t listen on {addr}: {source}. Stop what uses that address, or set PRODUCTOPS_ADDR."
    )]
    Listen {
        /// Where.
        addr: std::net::SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The LLM's client.
    #[error("An LLM can’t be asked from here: {0}")]
    Llm(#[from] crate::llm::NoClient),
    /// The identity provider's address or our own, as the way back from it.
    #[error("Signing in can’t be set up: {0}. Look at OIDC_ISSUER_URL and PRODUCTOPS_PUBLIC_URL.")]
    SignIn(String),
}

/// Makes ring the process's cryptography for TLS, unless one is chosen already: libraries that find several, or none,
/// would panic. Called first thing by whatever speaks TLS.
pub fn choose_cryptography() {
    // An error says that it has been chosen, which is what is wanted.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
}

/// The database with what keeps it alive.
#[derive(Debug)]
pub struct Database {
    /// The only way to it.
    pub db: Db,
    embedded: Option<Embedded>,
}

impl Database {
    /// Finds or starts the database and brings its schema up to date.
    ///
    /// # Errors
    /// It can't be found, started or migrated.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let mut direct = None;
        let (options, migrate, embedded) = if let Some(url) = &config.database_url {
            if let Some(url) = &config.database_direct_url {
                direct = Some(Box::new(PgConnectOptions::from_str(url.reveal())?));
            }
            let options = PgConnectOptions::from_str(url.reveal())?;
            let owner = config.database_migrate_url.as_ref().unwrap_or(url);
            (options, PgConnectOptions::from_str(owner.reveal())?, None)
        } else {
            let embedded = start_embedded(config).await?;
            embedded.ensure_database("productops").await?;
            let options = embedded.connect_options("productops");
            (options.clone(), options, Some(embedded))
        };
        let mut owner = PgConnection::connect_with(&migrate).await?;
        MIGRATOR.run(&mut owner).await?;
        owner.close().await?;
        let db = Db::connect_lazily(
            options,
            DbOptions {
                direct,
                ..DbOptions::default()
            },
        );
        Ok(Self { db, embedded })
    }

    /// Lets what has begun end, then stops the embedded cluster if it is ours; another process of the app that is
    /// connected to it takes it over.
    ///
    /// # Errors
    /// The cluster doesn't stop.
    pub async fn close(self) -> Result<(), StartError> {
        self.stop(Embedded::stop).await
    }

    /// The same for a command beside the app: if the cluster is ours, it waits until nobody else uses it.
    ///
    /// # Errors
    /// The cluster doesn't stop.
    pub async fn close_when_unused(self) -> Result<(), StartError> {
        self.stop(Embedded::stop_when_unused).await
    }

    async fn stop(
        self,
        how: impl FnOnce(Embedded) -> Result<(), PostgresError> + Send + 'static,
    ) -> Result<(), StartError> {
        self.db.close().await;
        if let Some(embedded) = self.embedded {
            let stopped = tokio::task::spawn_blocking(move || how(embedded)).await;
            stopped.unwrap_or(Ok(()))?;
        }
        Ok(())
    }
}

async fn start_embedded(config: &Config) -> Result<Embedded, StartError> {
    let options = postgres::Options {
        root: data_dir(config).join("pg"),
        bin: config.postgres_bin.clone(),
        durable: true,
    };
    let started = tokio::task::spawn_blocking(move || Embedded::start(&options)).await;
    match started {
        Ok(started) => Ok(started?),
        Err(_ended) => Err(StartError::Database(sqlx::Error::WorkerCrashed)),
    }
}

fn data_dir(config: &Config) -> PathBuf {
    let configured = config.data_dir.clone();
    configured.unwrap_or_else(postgres::default_data_dir)
}

/// A server that listens and answers as soon as it is run.
pub struct Server {
    port: u16,
    running: actix_web::dev::Server,
    beside: (Db, Clock, MirrorSettings, TopBar, Option<Llm>),
    live: (Hub, Crowd),
}

impl Server {
    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until SIGTERM, then drains, or until Ctrl-C. The mirror is kept in step meanwhile.
    ///
    /// # Errors
    /// The listener failed.
    pub async fn run(self) -> io::Result<()> {
        let (db, clock, settings, bar, llm) = self.beside;
        let worker = Worker::start((&db, clock), settings, bar, llm);
        let (hub, crowd) = self.live;
        let heard = tokio::spawn(live::keep(db.clone(), hub.clone(), crowd));
        // Open streams would hold the server up until its limit: they end first.
        let told = tokio::spawn(close_when_told(hub.clone()));
        let ended = self.running.await;
        hub.close();
        heard.abort();
        told.abort();
        worker.stop().await;
        ended
    }
}

/// The web server over a database; it listens when this returns.
///
/// # Errors
/// The address is taken.
pub async fn build(config: &Config, db: Db, clock: Clock) -> Result<Server, StartError> {
    choose_cryptography();
    let sign_in = SignIn::from_config(
        config.oidc.is_some(),
        config.addr,
        config.public_url.as_deref(),
    );
    if sign_in.is_local() {
        db.transaction(async move |mut tx| users::insert_sample_people(&mut tx).await)
            .await?;
    }
    tokio::spawn(forget_what_is_old(db.clone()));
    let listen = |source| StartError::Listen {
        addr: config.addr,
        source,
    };
    let listener = TcpListener::bind(config.addr).map_err(listen)?;
    let port = listener.local_addr().map_err(listen)?.port();
    let sign_in = match &config.oidc {
        Some(oidc) => sign_in.with(single_sign_on(oidc, &own_address(config, port))?),
        None => sign_in,
    };
    let settings = MirrorSettings {
        to: destination(config),
        mode: config.mirror_mode,
        environment: config.environment.clone(),
        public_url: config.public_url.clone(),
    };
    let llm = config.llm.clone().map(Llm::new).transpose()?;
    let is_configured = llm.is_some();
    db.write(async move |mut conn| llm_settings::note_endpoint(&mut conn, is_configured).await)
        .await?;
    let bar = TopBar::default();
    let set_up = mirror_set_up(config, &settings);
    let beside = (db.clone(), clock.clone(), settings, bar.clone(), llm);
    let live = (Hub::new(), Crowd::default());
    let wall = Wall::new(config.public_url.as_deref(), config.trusted_proxies.clone());
    let shared = (bar, live.clone(), (set_up, tabs(config)));
    let running = web::serve(listener, db, clock, (sign_in, wall), shared).map_err(listen)?;
    Ok(Server {
        port,
        running,
        beside,
        live,
    })
}

/// What is configured of the mirror, for the page that shows it.
fn mirror_set_up(config: &Config, settings: &MirrorSettings) -> MirrorSetUp {
    MirrorSetUp {
        initial_mode: settings.initial_mode(),
        account: config.service_account.clone(),
        file: match &settings.to {
            Destination::File(path) => Some(path.clone()),
            Destination::Tab { .. } => None,
        },
    }
}

/// Where the mirror goes: the spreadsheet that is configured, or else a file.
fn destination(config: &Config) -> Destination {
    match &config.sheets {
        None => Destination::File(data_dir(config).join("central_backlog.csv")),
        Some(sheets) => Destination::Tab {
            google: GoogleSettings {
                spreadsheet_id: sheets.spreadsheet_id.clone(),
                tab: sheets.tab.clone(),
                key: sheets.access.key.reveal().to_owned(),
                base_url: sheets.access.base_url.clone(),
                deadline: SHEETS_DEADLINE,
                protection: sheets.protection.clone(),
            },
            interval: sheets.interval,
            poll: sheets.poll,
        },
    }
}

/// The address that people use.
fn own_address(config: &Config, port: u16) -> String {
    let listening = SocketAddr::new(config.addr.ip(), port);
    let public = config.public_url.clone();
    let address = public.unwrap_or_else(|| format!("http://{listening}"));
    address.trim_end_matches('/').to_owned()
}

fn single_sign_on(oidc: &Oidc, own_address: &str) -> Result<SingleSignOn, StartError> {
    let unfit = |error: &dyn std::error::Error| StartError::SignIn(error.to_string());
    let settings = ProviderSettings {
        issuer: IssuerUrl::new(oidc.issuer.clone()).map_err(|e| unfit(&e))?,
        client_id: ClientId::new(oidc.client_id.clone()),
        client_secret: ClientSecret::new(oidc.client_secret.reveal().to_owned()),
        is_secret_posted: oidc.is_secret_posted,
        scopes: oidc.scopes.clone(),
        groups_claim: oidc.groups_claim.clone(),
        algorithms: oidc.algorithms.clone(),
        callback: RedirectUrl::new(format!("{own_address}/auth/callback"))
            .map_err(|e| unfit(&e))?,
    };
    Ok(SingleSignOn {
        provider: Provider::new(settings),
        role_map: oidc.role_map.clone(),
        lets_viewers_in: oidc.lets_viewers_in,
        own_address: own_address.to_owned(),
    })
}

/// Ends the streams to browsers on SIGTERM; the web server hears of it by itself.
async fn close_when_told(live: Hub) {
    if let Ok(mut terminate) = signal(SignalKind::terminate()) {
        terminate.recv().await;
        live.close();
    }
}

/// Forgets the keys of forms that nobody will send again, and sessions that have ended, now and every hour.
async fn forget_what_is_old(db: Db) {
    let mut hourly = tokio::time::interval(Duration::from_hours(1));
    loop {
        hourly.tick().await;
        match db
            .write(async move |mut conn| {
                let keys = idempotency::prune(&mut conn).await?;
                Ok((keys, sessions::prune(&mut conn).await?))
            })
            .await
        {
            Ok((keys, sessions)) => tracing::debug!(keys, sessions, "forgot what is old"),
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => tracing::warn!(%error, "old keys and sessions stay for now"),
        }
    }
}
