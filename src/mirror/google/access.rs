//! The way in: TLS on ring with the authorities that the app carries itself, plain http to this machine only, and tokens
//! of a service account, which are asked for anew when Google doesn't take the one at hand any more.

use google_sheets4::{
    Sheets,
    common::GetToken,
    hyper_rustls::{HttpsConnector, HttpsConnectorBuilder},
    hyper_util::{
        client::legacy::{Client, connect::HttpConnector},
        rt::TokioExecutor,
    },
    yup_oauth2::{
        CustomHyperClientBuilder, ServiceAccountAuthenticator, ServiceAccountKey,
        authenticator::Authenticator, parse_service_account_key,
    },
};
use std::{
    error::Error,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

pub(super) type Connector = HttpsConnector<HttpConnector>;

/// Why there is no way in. Says nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The key.
    #[error("isn’t the key of a service account, as Google’s console gives it out in JSON")]
    Key,
    /// The address.
    #[error(
        "must be https://, or http:// with an address of this machine, like http://127.0.0.1:9000/"
    )]
    Address,
    /// The machine.
    #[error("can’t be used for TLS on this machine")]
    Tls,
}

/// Whether key and address can be used, as far as that can be told without asking Google.
///
/// # Errors
/// They can't.
pub fn check(key: &str, base_url: Option<&str>) -> Result<(), AccessError> {
    read_key(key)?;
    base_url.map(must_be_safe).transpose()?;
    Ok(())
}

/// The service account's address, with which a spreadsheet is to be shared.
///
/// # Errors
/// It is no key.
pub fn account(key: &str) -> Result<String, AccessError> {
    Ok(read_key(key)?.client_email)
}

fn read_key(key: &str) -> Result<ServiceAccountKey, AccessError> {
    parse_service_account_key(key).map_err(|_told| AccessError::Key)
}

pub(super) async fn open(
    key: &str,
    base_url: Option<&str>,
) -> Result<(Sheets<Connector>, Tokens), AccessError> {
    let key = read_key(key)?;
    let is_plain = base_url.map(must_be_safe).transpose()?.unwrap_or(false);
    let connector = connector(is_plain)?;
    let tokens = Tokens::of(key, connector.clone()).await?;
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let mut hub = Sheets::new(client, tokens.clone());
    if let Some(url) = base_url {
        hub.base_url(format!("{}/", url.trim_end_matches('/')));
    }
    Ok((hub, tokens))
}

/// Whether the address is plain http, which may only lead to this machine.
fn must_be_safe(url: &str) -> Result<bool, AccessError> {
    if url.starts_with("https://") {
        return Ok(false);
    }
    let authority = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split('/').next())
        .ok_or(AccessError::Address)?;
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    if host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        Ok(true)
    } else {
        Err(AccessError::Address)
    }
}

fn connector(is_plain: bool) -> Result<Connector, AccessError> {
    let ring = rustls::crypto::ring::default_provider();
    let builder = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(ring)
        .map_err(|_told| AccessError::Tls)?;
    let builder = if is_plain {
        builder.https_or_http()
    } else {
        builder.https_only()
    };
    Ok(builder.enable_all_versions().build())
}

/// The service account's tokens.
#[derive(Clone)]
pub(super) struct Tokens {
    authenticator: Authenticator<Connector>,
    account: Arc<str>,
    is_stale: Arc<AtomicBool>,
}

impl Tokens {
    async fn of(key: ServiceAccountKey, connector: Connector) -> Result<Self, AccessError> {
        let account = key.client_email.clone().into();
        let client = Client::builder(TokioExecutor::new()).build::<_, String>(connector);
        let client = CustomHyperClientBuilder::from(client);
        let authenticator = ServiceAccountAuthenticator::with_client(key, client).build();
        Ok(Self {
            authenticator: authenticator.await.map_err(|_told| AccessError::Key)?,
            account,
            is_stale: Arc::default(),
        })
    }

    /// The service account's address.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// Makes the next request ask for a new token, though the old one hasn't expired: it may have been revoked.
    pub(super) fn renew(&self) {
        self.is_stale.store(true, Ordering::Relaxed);
    }
}

type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<Option<String>, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

impl GetToken for Tokens {
    fn get_token<'a>(&'a self, scopes: &'a [&str]) -> Answer<'a> {
        Box::pin(async move {
            let token = if self.is_stale.swap(false, Ordering::Relaxed) {
                self.authenticator.force_refreshed_token(scopes).await?
            } else {
                self.authenticator.token(scopes).await?
            };
            Ok(token.token().map(str::to_owned))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_leads_to_this_machine_only() {
        for safe in [
            "http://127.0.0.1:9/",
            "http://localhost:9",
            "http://[::1]:9/x",
        ] {
            assert_eq!(must_be_safe(safe), Ok(true), "{safe}");
        }
        assert_eq!(must_be_safe("https://sheets.example.com/"), Ok(false));
        for unsafe_one in [
            "http://sheets.googleapis.com/",
            "http://127.0.0.1.example.com/",
            "http://localhost@example.com/",
            "ftp://localhost/",
            "",
        ] {
            assert_eq!(
                must_be_safe(unsafe_one),
                Err(AccessError::Address),
                "{unsafe_one}"
            );
        }
    }

    #[tokio::test]
    async fn a_key_that_is_none_is_refused_without_being_shown() {
        let refused = open("{\"private_key\":\"hunter2\"}", None).await;
        let why = refused.err().unwrap();
        assert_eq!(why, AccessError::Key);
        assert!(!format!("{why} {why:?}").contains("hunter2"));
    }
}
