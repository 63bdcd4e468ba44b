//! From what came back with the browser to who somebody is. What the crate checks: signature, issuer, audience, expiry,
//! nonce. What is checked here: everything else that the standards ask for.

use super::{
    Algorithm, Provider,
    discovery::Found,
    http::Http,
    refusal::{Refusal, Saying, Untrusted},
};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AuthorizationCode, ClaimsVerificationError,
    EmptyExtraTokenFields, EndUserEmail, EndUserName, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdTokenFields, LocalizedClaim, Nonce, OAuth2TokenResponse as _, PkceCodeVerifier,
    RequestTokenError, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _, UserInfoClaims,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// By how much the provider's clock may be ahead of ours.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// All claims beyond the standard's own: groups are among them, under a name that is configured.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Claims(Map<String, Value>);

impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type IdToken = openidconnect::IdToken<
    Claims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type IdClaims = openidconnect::IdTokenClaims<Claims, CoreGenderClaim>;

pub(super) type Client = openidconnect::Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What came back with the browser, with what was kept of the beginning.
pub struct Callback {
    /// To be redeemed.
    pub code: Option<String>,
    /// Who answers, if it says so.
    pub iss: Option<String>,
    /// What it says instead.
    pub error: Option<String>,
    /// As it was begun.
    pub nonce: String,
    /// As it was begun.
    pub verifier: String,
}

/// Who somebody is, by the provider's word.
pub struct Identified {
    /// The provider's own name for the person.
    pub subject: String,
    /// What others read; empty: it doesn't say.
    pub name: String,
    /// In small letters.
    pub email: Option<String>,
    /// Whether it vouches for the address.
    pub is_email_verified: bool,
    /// What the person belongs to.
    pub groups: Vec<String>,
    /// What its sign-out asks for.
    pub id_token: String,
}

impl Provider {
    /// Who somebody is, by an answer that came back with their browser.
    ///
    /// # Errors
    /// The provider said no, doesn't answer, or what it said can't be believed.
    pub async fn identify(
        &self,
        callback: Callback,
        now: DateTime<Utc>,
    ) -> Result<Identified, Refusal> {
        let found = self.found(now).await?;
        match &callback.iss {
            Some(iss) if iss != self.issuer() => return Err(Untrusted::ForeignIssuer.into()),
            None if found.names_itself() => return Err(Untrusted::ForeignIssuer.into()),
            _ => {}
        }
        if let Some(code) = &callback.error {
            return Err(Refusal::Said(Saying::from_code(code)));
        }
        let code = callback.code.ok_or(Untrusted::NoCode)?;
        let http = self.0.http.clone()?;
        let client = self.client(&found);
        let verifier = PkceCodeVerifier::new(callback.verifier);
        let tokens = redeem(&client, &http, code, verifier).await?;
        let id_token = tokens.id_token().ok_or(Untrusted::NoIdToken)?;
        let nonce = Nonce::new(callback.nonce);
        let (found, claims) = self.believe(found, &http, (id_token, &nonce), now).await?;
        self.check_access_token(&found, id_token, &claims, tokens.access_token())?;
        if claims.subject().trim().is_empty() {
            return Err(Untrusted::NoSubject.into());
        }
        let more = self.userinfo(&client, &http, &claims, tokens.access_token());
        let who = self.merge(&claims, more.await?.as_ref());
        Ok(Identified {
            id_token: id_token.to_string(),
            ..who?
        })
    }

    /// The claims of an id token, if it holds; if no known key signed it, by the keys that the provider has now.
    async fn believe(
        &self,
        found: std::sync::Arc<Found>,
        http: &Http,
        (token, nonce): (&IdToken, &Nonce),
        now: DateTime<Utc>,
    ) -> Result<(std::sync::Arc<Found>, IdClaims), Refusal> {
        match self.claims(&found, token, nonce, now) {
            Err(Refusal::Untrusted(Untrusted::Key)) => {}
            judged => return judged.map(|claims| (found, claims)),
        }
        let fresh = {
            let mut known = self.0.known.lock().await;
            known.with_fresh_keys(http, now).await
        };
        let fresh = fresh.ok_or(Untrusted::Key)?;
        let claims = self.claims(&fresh, token, nonce, now)?;
        Ok((fresh, claims))
    }

    fn claims(
        &self,
        found: &Found,
        token: &IdToken,
        nonce: &Nonce,
        now: DateTime<Utc>,
    ) -> Result<IdClaims, Refusal> {
        let client = self.client(found);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(self.allowed())
            .set_time_fn(move || now)
            .set_issue_time_verifier_fn(move |issued| {
                let is_sensible = issued <= now + SKEW;
                is_sensible.then_some(()).ok_or_else(String::new)
            });
        token.claims(&verifier, nonce).cloned().map_err(|error| {
            use ClaimsVerificationError as Why;
            use SignatureVerificationError as Signature;
            match error {
                Why::Expired(_) => Refusal::Clock,
                Why::SignatureVerification(Signature::NoMatchingKey) => Untrusted::Key.into(),
                Why::SignatureVerification(
                    Signature::DisallowedAlg(_)
                    | Signature::UnsupportedAlg(_)
                    | Signature::NoSignature,
                ) => Untrusted::Algorithm.into(),
                _ => Untrusted::IdToken.into(),
            }
        })
    }

    fn allowed(&self) -> impl Iterator<Item = CoreJwsSigningAlgorithm> + '_ {
        self.0
            .settings
            .algorithms
            .iter()
            .copied()
            .map(Algorithm::core)
    }

    /// The hash of the access token that stands in the id token, where it stands there.
    fn check_access_token(
        &self,
        found: &Found,
        token: &IdToken,
        claims: &IdClaims,
        access: &AccessToken,
    ) -> Result<(), Refusal> {
        let Some(expected) = claims.access_token_hash() else {
            return Ok(());
        };
        let client = self.client(found);
        let verifier = client.id_token_verifier().set_allowed_algs(self.allowed());
        let actual = token.signing_alg().ok().and_then(|algorithm| {
            let key = token.signing_key(&verifier).ok()?;
            AccessTokenHash::from_token(access, algorithm, key).ok()
        });
        if actual.as_ref() == Some(expected) {
            Ok(())
        } else {
            Err(Untrusted::AccessToken.into())
        }
    }

    /// What userinfo adds, if groups or address aren't in the id token and there is such a place.
    async fn userinfo(
        &self,
        client: &Client,
        http: &Http,
        claims: &IdClaims,
        access: &AccessToken,
    ) -> Result<Option<UserInfoClaims<Claims, CoreGenderClaim>>, Refusal> {
        let has_groups = claims
            .additional_claims()
            .0
            .contains_key(self.groups_claim());
        if (has_groups && claims.email().is_some()) || client.user_info_url().is_none() {
            return Ok(None);
        }
        // The crate would panic over a token that can't stand in a header.
        if !access.secret().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Untrusted::AccessToken.into());
        }
        let subject = claims.subject().clone();
        let request = client.user_info(access.clone(), Some(subject));
        let request = request.map_err(|_unset| Refusal::Unreadable)?;
        let send = |request| http.clone().send(request);
        request
            .request_async(&send)
            .await
            .map(Some)
            .map_err(|error| {
                use openidconnect::UserInfoError as Why;
                match error {
                    Why::Request(_told) => Refusal::Down,
                    Why::ClaimsVerification(ClaimsVerificationError::InvalidSubject(_)) => {
                        Untrusted::OtherSubject.into()
                    }
                    _ => Untrusted::Userinfo.into(),
                }
            })
    }

    fn groups_claim(&self) -> &str {
        &self.0.settings.groups_claim
    }

    /// The id token's word, and where it is silent, userinfo's. An address and whether it is verified always come from the
    /// same place.
    fn merge(
        &self,
        claims: &IdClaims,
        more: Option<&UserInfoClaims<Claims, CoreGenderClaim>>,
    ) -> Result<Identified, Refusal> {
        let from_id = (claims.email(), claims.email_verified());
        let from_info = more.map(|more| (more.email(), more.email_verified()));
        let (email, verified) = match (from_id, from_info) {
            ((None, _), Some(info)) => info,
            (id, _) => id,
        };
        if email.is_some() && verified == Some(false) {
            return Err(Refusal::Unverified);
        }
        let groups = |claims: &Claims| claims.0.get(self.groups_claim()).map(groups_of);
        let groups = groups(claims.additional_claims())
            .or_else(|| groups(more?.additional_claims()))
            .unwrap_or_default();
        let name = text(claims.name())
            .or_else(|| text(more?.name()))
            .or_else(|| claims.preferred_username().map(|name| name.to_string()))
            .unwrap_or_default();
        Ok(Identified {
            subject: claims.subject().to_string(),
            name: name.trim().to_owned(),
            email: email.map(address).filter(|email| !email.is_empty()),
            is_email_verified: verified == Some(true),
            groups,
            id_token: String::new(),
        })
    }
}

async fn redeem(
    client: &Client,
    http: &Http,
    code: String,
    verifier: PkceCodeVerifier,
) -> Result<Tokens, Refusal> {
    let request = client.exchange_code(AuthorizationCode::new(code));
    let request = request.map_err(|_unset| Refusal::Unreadable)?;
    let send = |request| http.clone().send(request);
    let tokens = request
        .set_pkce_verifier(verifier)
        .request_async(&send)
        .await;
    // The crate's errors carry what was answered, tokens included.
    tokens.map_err(|error| match error {
        RequestTokenError::Request(_told) => Refusal::Down,
        RequestTokenError::ServerResponse(_said) => Refusal::NoTokens,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Refusal::Unreadable,
    })
}

/// One group or several; anything else is none.
fn groups_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => {
            let texts = all.iter().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn text(name: Option<&LocalizedClaim<EndUserName>>) -> Option<String> {
    let name = name?;
    let plain = name
        .get(None)
        .or_else(|| name.iter().next().map(|(_, name)| name));
    plain
        .map(|name| name.to_string())
        .filter(|name| !name.trim().is_empty())
}

fn address(email: &EndUserEmail) -> String {
    email.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_are_a_list_or_one_or_none() {
        for (claim, groups) in [
            (json!(["product", "finance"]), vec!["product", "finance"]),
            (json!("product"), vec!["product"]),
            (json!(["product", 7, null]), vec!["product"]),
            (json!(null), vec![]),
            (json!({ "product": true }), vec![]),
        ] {
            assert_eq!(groups_of(&claim), groups, "{claim}");
        }
    }
}
