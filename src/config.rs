//! What the surroundings say: environment variables, read once, reported all at once, secrets never printed.
//! Read by [`crate::app`] only; everything else receives its own slice.

mod llm;
mod oidc;
mod sheets;

pub use oidc::Oidc;
pub use sheets::{GoogleAccess, Sheets};

use crate::{
    llm::Settings as Llm,
    mirror::{Mode, NoMode},
};
use ipnet::IpNet;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

/// A text that never reaches a log: its Debug says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, for the one place that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Everything that can be configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// `DATABASE_URL`; none: the embedded cluster.
    pub database_url: Option<Secret>,
    /// `DATABASE_MIGRATE_URL`: the owner role, for migrations; none: as `DATABASE_URL`.
    pub database_migrate_url: Option<Secret>,
    /// `DATABASE_DIRECT_URL`: the way past a pooler, for listening and the mirror's lock; none: as `DATABASE_URL`.
    pub database_direct_url: Option<Secret>,
    /// `PRODUCTOPS_POSTGRES_BIN`: the server programs for the embedded cluster.
    pub postgres_bin: Option<PathBuf>,
    /// `PRODUCTOPS_DATA_DIR`; none: the usual place.
    pub data_dir: Option<PathBuf>,
    /// `PRODUCTOPS_ADDR`: where to listen; port 0: any.
    pub addr: SocketAddr,
    /// `PRODUCTOPS_PUBLIC_URL`: the address people use; none: the listening address.
    pub public_url: Option<String>,
    /// `PRODUCTOPS_TRUSTED_PROXIES`: whose word about a request's sender is believed; none: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// `OIDC_ISSUER_URL` is set: people sign in with their provider, never locally.
    pub oidc: Option<Oidc>,
    /// `LLM_BASE_URL` is set: an LLM can be asked.
    pub llm: Option<Llm>,
    /// `PRODUCTOPS_ENV`: this installation's name, which the mirror writes beside what it changes.
    pub environment: String,
    /// `MIRROR_MODE`: what the mirror may do, unless an admin chose otherwise; none: a file is written, a sheet observed.
    pub mirror_mode: Option<Mode>,
    /// `MIRROR_SPREADSHEET_ID` is set: the mirror goes to Google Sheets, not to a file.
    pub sheets: Option<Sheets>,
    /// How Google's spreadsheets are reached, for imports; none: no key is set that can be used.
    pub google: Option<GoogleAccess>,
    /// With whom a spreadsheet is to be shared, or why the service account's key can't be used; none: no key is set.
    pub service_account: Option<Result<String, String>>,
    /// `LOG_FORMAT` is `json`.
    pub log_json: bool,
}

/// One variable that can't be used, by name and reason; never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misconfigured {
    /// The variable.
    pub name: &'static str,
    /// Why.
    pub why: String,
}

impl fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.why)
    }
}

impl Config {
    /// From the environment.
    ///
    /// # Errors
    /// Every variable that can't be used.
    pub fn from_env() -> Result<Self, Vec<Misconfigured>> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// From any source of variables; an empty one counts as unset.
    ///
    /// # Errors
    /// Every variable that can't be used.
    pub fn from_lookup(
        lookup: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, Vec<Misconfigured>> {
        let get = |name| lookup(name).filter(|value| !value.trim().is_empty());
        let mut wrong = Vec::new();
        let mut complain = |name, why: &str| {
            wrong.push(Misconfigured {
                name,
                why: why.to_owned(),
            });
        };
        let mut postgres_url = |name| {
            let url = get(name)?;
            if url.starts_with("postgres://") || url.starts_with("postgresql://") {
                return Some(Secret(url));
            }
            complain(
                name,
                "must begin with postgres:// (it isn’t shown here, it may hold a password)",
            );
            None
        };
        let database_url = postgres_url("DATABASE_URL");
        let database_migrate_url = postgres_url("DATABASE_MIGRATE_URL");
        let database_direct_url = postgres_url("DATABASE_DIRECT_URL");
        let addr = get("PRODUCTOPS_ADDR").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let addr = addr.parse::<SocketAddr>().unwrap_or_else(|_error| {
            complain(
                "PRODUCTOPS_ADDR",
                "must be an address and a port, like 127.0.0.1:8080",
            );
            SocketAddr::from(([127, 0, 0, 1], 0))
        });
        let public_url = get("PRODUCTOPS_PUBLIC_URL");
        if let Some(url) = &public_url
            && !is_public_url(url)
        {
            complain(
                "PRODUCTOPS_PUBLIC_URL",
                "must be https:// or http:// with a host, like https://productops.example.com",
            );
        }
        let proxies = get("PRODUCTOPS_TRUSTED_PROXIES").unwrap_or_default();
        let trusted_proxies = networks(&proxies).unwrap_or_else(|wrong| {
            let why = format!(
                "must be addresses or ranges with commas between them, like 10.0.0.0/8, 192.0.2.7; {wrong:?} is none"
            );
            complain("PRODUCTOPS_TRUSTED_PROXIES", &why);
            Vec::new()
        });
        let environment = get("PRODUCTOPS_ENV").unwrap_or_else(|| "local".to_owned());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !environment.chars().all(is_plain) || environment.len() > 40 {
            complain(
                "PRODUCTOPS_ENV",
                "must be at most 40 letters, digits, -, _ or .",
            );
        }
        let mode = get("MIRROR_MODE").map(|mode| mode.parse()).transpose();
        let mirror_mode = mode.unwrap_or_else(|why: NoMode| {
            complain("MIRROR_MODE", &why.to_string());
            None
        });
        let log_format = get("LOG_FORMAT").unwrap_or_else(|| "pretty".to_owned());
        if !["pretty", "json"].contains(&log_format.as_str()) {
            complain("LOG_FORMAT", "must be pretty or json");
        }
        let oidc = oidc::read(&get, &mut complain, (addr, public_url.as_deref()));
        let llm = llm::read(&get, &mut complain);
        let sheets = sheets::read(&get, &mut complain);
        let google = sheets::access(&get);
        let service_account = sheets::account(&get);
        let config = Self {
            database_url,
            database_migrate_url,
            database_direct_url,
            postgres_bin: get("PRODUCTOPS_POSTGRES_BIN").map(PathBuf::from),
            data_dir: get("PRODUCTOPS_DATA_DIR").map(PathBuf::from),
            addr,
            public_url,
            trusted_proxies,
            oidc,
            llm,
            environment,
            mirror_mode,
            sheets,
            google,
            service_account,
            log_json: log_format == "json",
        };
        if wrong.is_empty() {
            Ok(config)
        } else {
            Err(wrong)
        }
    }
}

/// Whether requests can be compared with it: a scheme, a host, at most a port.
fn is_public_url(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    authority.is_some_and(|authority| {
        let uri = authority.parse::<actix_web::http::uri::Authority>();
        uri.is_ok_and(|uri| {
            let has_odd_port =
                authority.contains(':') && !authority.ends_with(']') && uri.port_u16().is_none();
            !uri.host().is_empty() && !authority.contains('@') && !has_odd_port
        })
    })
}

/// Addresses and ranges from a list, or the first that is neither.
fn networks(list: &str) -> Result<Vec<IpNet>, String> {
    let entries = list.split(',').map(str::trim).filter(|one| !one.is_empty());
    entries
        .map(|entry| {
            let single = entry.parse::<IpAddr>().map(IpNet::from);
            single
                .or_else(|_not_one| entry.parse::<IpNet>())
                .map_err(|_neither| entry.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &'static [(&'static str, &'static str)]) -> Result<Config, Vec<Misconfigured>> {
        Config::from_lookup(|name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_means_the_embedded_database_on_loopback() {
        let config = from(&[]).unwrap();
        assert!(config.database_url.is_none());
        assert!(config.addr.ip().is_loopback());
        assert!(config.oidc.is_none());
    }

    #[test]
    fn every_wrong_variable_is_reported_at_once_by_name_and_never_by_value() {
        let wrong = from(&[
            ("DATABASE_URL", "mysql://root:hunter2@db"),
            ("PRODUCTOPS_ADDR", "everywhere"),
            ("LOG_FORMAT", "xml"),
        ])
        .unwrap_err();
        let names: Vec<_> = wrong.iter().map(|w| w.name).collect();
        assert_eq!(names, ["DATABASE_URL", "PRODUCTOPS_ADDR", "LOG_FORMAT"]);
        assert!(!format!("{wrong:?}").contains("hunter2"));
    }

    #[test]
    fn what_the_mirror_may_do_is_left_to_its_target_unless_said() {
        assert_eq!(from(&[]).unwrap().mirror_mode, None);
        let observing = from(&[("MIRROR_MODE", "observe"), ("PRODUCTOPS_ENV", "eu-1")]).unwrap();
        assert_eq!(observing.mirror_mode, Some(Mode::Observe));
        assert_eq!(observing.environment, "eu-1");
        let wrong = from(&[("MIRROR_MODE", "on"), ("PRODUCTOPS_ENV", "=1+1")]).unwrap_err();
        let names: Vec<_> = wrong.iter().map(|w| w.name).collect();
        assert_eq!(names, ["PRODUCTOPS_ENV", "MIRROR_MODE"]);
    }

    #[test]
    fn proxies_are_addresses_and_ranges_or_refused_by_name() {
        assert!(from(&[]).unwrap().trusted_proxies.is_empty());
        let config = from(&[("PRODUCTOPS_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7,::1")]);
        let nets: Vec<_> = config.unwrap().trusted_proxies;
        let nets: Vec<_> = nets.iter().map(ToString::to_string).collect();
        assert_eq!(nets, ["10.0.0.0/8", "192.0.2.7/32", "::1/128"]);
        for wrong in ["proxy.example.com", "10.0.0.0/99", "10.0.0.1:80"] {
            let lookup = |name| (name == "PRODUCTOPS_TRUSTED_PROXIES").then(|| wrong.to_owned());
            let found = Config::from_lookup(lookup).unwrap_err();
            assert_eq!(found[0].name, "PRODUCTOPS_TRUSTED_PROXIES", "{wrong}");
            assert!(found[0].why.contains(wrong), "{}", found[0].why);
        }
    }

    #[test]
    fn a_public_address_needs_a_host() {
        for wrong in ["https://", "http://user@host", "https://host:port"] {
            let lookup = |name| (name == "PRODUCTOPS_PUBLIC_URL").then(|| wrong.to_owned());
            let found = Config::from_lookup(lookup).unwrap_err();
            assert_eq!(found[0].name, "PRODUCTOPS_PUBLIC_URL", "{wrong}");
        }
    }

    #[test]
    fn a_database_address_never_reaches_a_log() {
        let config = from(&[("DATABASE_URL", "postgres://app:hunter2@db/productops")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
