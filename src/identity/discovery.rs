//! What a provider says of itself: asked when first needed, again after a while, and its keys when one is missing.

use super::{http::Http, refusal::Refusal};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AdditionalProviderMetadata, EndSessionUrl, IssuerUrl, JsonWebKeySet, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long what was found counts, so that a key which the provider took away isn't trusted for ever.
const KEEPS: TimeDelta = TimeDelta::hours(1);
/// How long nobody asks again after an answer that was none.
const REST: TimeDelta = TimeDelta::seconds(5);
/// How long nobody asks for keys again.
const KEYS_REST: TimeDelta = TimeDelta::minutes(1);

/// What we read beyond the crate.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct More {
    end_session_endpoint: Option<EndSessionUrl>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What was found of a provider.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) metadata: Metadata,
}

impl Found {
    pub(super) fn end_session(&self) -> Option<&EndSessionUrl> {
        self.metadata
            .additional_metadata()
            .end_session_endpoint
            .as_ref()
    }

    /// Whether an answer without `iss` can't be the provider's (RFC 9207).
    pub(super) fn names_itself(&self) -> bool {
        self.metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported
    }
}

/// What is known of a provider, and when it was last asked.
#[derive(Debug, Default)]
pub(super) struct Known {
    found: Option<(DateTime<Utc>, Arc<Found>)>,
    failed: Option<(DateTime<Utc>, Refusal)>,
    keys_asked: Option<DateTime<Utc>>,
}

impl Known {
    /// What is known, or what the provider says now.
    pub(super) async fn found(
        &mut self,
        issuer: &IssuerUrl,
        http: &Http,
        now: DateTime<Utc>,
    ) -> Result<Arc<Found>, Refusal> {
        if let Some((at, found)) = &self.found
            && is_within(*at, KEEPS, now)
        {
            return Ok(Arc::clone(found));
        }
        if let Some((at, refusal)) = &self.failed
            && is_within(*at, REST, now)
        {
            return self.older().ok_or_else(|| refusal.clone());
        }
        match discover(issuer, http).await {
            Ok(metadata) => {
                let found = Arc::new(Found { metadata });
                self.found = Some((now, Arc::clone(&found)));
                self.failed = None;
                Ok(found)
            }
            Err(refusal) => {
                self.failed = Some((now, refusal.clone()));
                self.older().ok_or(refusal)
            }
        }
    }

    /// The provider's keys as they are now, unless they were asked for within a minute.
    pub(super) async fn with_fresh_keys(
        &mut self,
        http: &Http,
        now: DateTime<Utc>,
    ) -> Option<Arc<Found>> {
        if self
            .keys_asked
            .is_some_and(|at| is_within(at, KEYS_REST, now))
        {
            return None;
        }
        self.keys_asked = Some(now);
        let (at, found) = self.found.clone()?;
        let send = |request| http.clone().send(request);
        let keys = JsonWebKeySet::fetch_async(found.metadata.jwks_uri(), &send).await;
        let keys = keys.ok()?;
        let metadata = found.metadata.clone().set_jwks(keys);
        let found = Arc::new(Found { metadata });
        self.found = Some((at, Arc::clone(&found)));
        Some(found)
    }

    fn older(&self) -> Option<Arc<Found>> {
        self.found.as_ref().map(|(_at, found)| Arc::clone(found))
    }
}

fn is_within(at: DateTime<Utc>, time: TimeDelta, now: DateTime<Utc>) -> bool {
    now - at < time && now >= at
}

/// The crate compares the issuer to the character. Its errors carry what was answered, so none of them is passed on.
async fn discover(issuer: &IssuerUrl, http: &Http) -> Result<Metadata, Refusal> {
    let send = |request| http.clone().send(request);
    let refusal = match Metadata::discover_async(issuer.clone(), &send).await {
        Ok(metadata) => return Ok(metadata),
        Err(openidconnect::DiscoveryError::Request(_told)) => Refusal::Down,
        Err(openidconnect::DiscoveryError::Response(status, ..)) if status.is_server_error() => {
            Refusal::Down
        }
        Err(openidconnect::DiscoveryError::Validation(_what)) => Refusal::OtherIssuer,
        Err(_unreadable) => Refusal::Unreadable,
    };
    tracing::warn!(why = %refusal, "the identity provider can't be used");
    Err(refusal)
}
