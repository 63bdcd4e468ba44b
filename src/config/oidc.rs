//! What is configured of an identity provider.

use super::Secret;
use crate::{domain::role_map::RoleMap, identity::Algorithm};
use std::net::{IpAddr, SocketAddr};

/// The identity provider that people sign in with.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// `OIDC_ISSUER_URL`, to the character.
    pub issuer: String,
    /// `OIDC_CLIENT_ID`.
    pub client_id: String,
    /// `OIDC_CLIENT_SECRET`.
    pub client_secret: Secret,
    /// `OIDC_CLIENT_AUTH` is `post`.
    pub is_secret_posted: bool,
    /// `OIDC_SCOPES`.
    pub scopes: Vec<String>,
    /// `OIDC_ROLES_CLAIM`: the claim that names groups.
    pub groups_claim: String,
    /// `OIDC_ROLE_MAP`.
    pub role_map: RoleMap,
    /// `OIDC_NO_ROLE` is `viewer`: without a role one may look.
    pub lets_viewers_in: bool,
    /// `OIDC_ALGORITHMS`: how an id token may be signed.
    pub algorithms: Vec<Algorithm>,
}

/// Reads the variables of the provider; none without `OIDC_ISSUER_URL`. What can't be used is told to `complain`.
pub(super) fn read(
    get: &impl Fn(&'static str) -> Option<String>,
    complain: &mut impl FnMut(&'static str, &str),
    (addr, public_url): (SocketAddr, Option<&str>),
) -> Option<Oidc> {
    let issuer = get("OIDC_ISSUER_URL")?;
    if !is_fit(&issuer) {
        complain(
            "OIDC_ISSUER_URL",
            "must be an address that begins with https:// (http:// only on this machine itself), without ? and #",
        );
    }
    if public_url.is_none() && !addr.ip().is_loopback() {
        complain(
            "PRODUCTOPS_PUBLIC_URL",
            "must be set to the address that people use: the identity provider sends them back to it",
        );
    }
    let mut needed = |name| {
        let value = get(name);
        if value.is_none() {
            complain(name, "must be set when OIDC_ISSUER_URL is");
        }
        value.unwrap_or_default()
    };
    let client_id = needed("OIDC_CLIENT_ID");
    let client_secret = Secret(needed("OIDC_CLIENT_SECRET"));
    let scopes = get("OIDC_SCOPES").unwrap_or_else(|| "openid profile email".to_owned());
    let scopes: Vec<_> = scopes.split_whitespace().map(str::to_owned).collect();
    let role_map = RoleMap::parse(&get("OIDC_ROLE_MAP").unwrap_or_default());
    let role_map = role_map.unwrap_or_else(|why| {
        complain("OIDC_ROLE_MAP", &why);
        RoleMap::default()
    });
    let mut one_of = |name, choices: [&str; 2]| {
        let chosen = get(name).unwrap_or_else(|| choices[0].to_owned());
        if !choices.contains(&chosen.as_str()) {
            complain(name, &format!("must be {} or {}", choices[0], choices[1]));
        }
        chosen == choices[1]
    };
    let is_secret_posted = one_of("OIDC_CLIENT_AUTH", ["basic", "post"]);
    let lets_viewers_in = !one_of("OIDC_NO_ROLE", ["viewer", "refuse"]);
    let algorithms = get("OIDC_ALGORITHMS").map_or(Ok(Algorithm::ALL.to_vec()), |names| {
        let names = names.split([',', ' ']).filter(|name| !name.is_empty());
        names.map(str::parse).collect()
    });
    let algorithms = algorithms.unwrap_or_else(|()| {
        complain(
            "OIDC_ALGORITHMS",
            "must be some of RS256, ES256 and PS256, with commas between",
        );
        Vec::new()
    });
    Some(Oidc {
        issuer,
        client_id,
        client_secret,
        is_secret_posted,
        scopes,
        groups_claim: get("OIDC_ROLES_CLAIM").unwrap_or_else(|| "groups".to_owned()),
        role_map,
        lets_viewers_in,
        algorithms,
    })
}

/// Whether a provider can be at that address: what is sent there must not be read or changed on the way.
fn is_fit(issuer: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(issuer) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    let is_loopback = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    let is_private = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    is_private && url.query().is_none() && url.fragment().is_none() && url.username().is_empty()
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Misconfigured, Oidc};

    fn from(pairs: &[(&'static str, &str)]) -> Result<Option<Oidc>, Vec<Misconfigured>> {
        let found = Config::from_lookup(|name| {
            let found = pairs.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        found.map(|config| config.oidc)
    }

    #[test]
    fn a_provider_needs_its_address_a_name_and_a_secret() {
        let oidc = from(&[
            ("OIDC_ISSUER_URL", "https://id.example.com/"),
            ("OIDC_CLIENT_ID", "productops"),
            ("OIDC_CLIENT_SECRET", "hunter2"),
        ]);
        let oidc = oidc.unwrap().unwrap();
        assert_eq!(oidc.issuer, "https://id.example.com/");
        assert_eq!(oidc.scopes, ["openid", "profile", "email"]);
        assert_eq!(oidc.groups_claim, "groups");
        assert!(oidc.lets_viewers_in && !oidc.is_secret_posted);
        assert_eq!(oidc.algorithms.len(), 3);
        assert!(!format!("{oidc:?}").contains("hunter2"));
        assert!(from(&[]).unwrap().is_none());
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_by_name_and_never_a_secret() {
        let wrong = from(&[
            ("OIDC_ISSUER_URL", "http://id.example.com"),
            ("OIDC_CLIENT_SECRET", "hunter2"),
            ("OIDC_ROLE_MAP", "boss=product"),
            ("OIDC_CLIENT_AUTH", "jwt"),
            ("OIDC_NO_ROLE", "perhaps"),
            ("OIDC_ALGORITHMS", "RS256,HS256"),
            ("PRODUCTOPS_ADDR", "0.0.0.0:80"),
        ]);
        let wrong = wrong.unwrap_err();
        let names: Vec<_> = wrong.iter().map(|wrong| wrong.name).collect();
        assert_eq!(
            names,
            [
                "OIDC_ISSUER_URL",
                "PRODUCTOPS_PUBLIC_URL",
                "OIDC_CLIENT_ID",
                "OIDC_ROLE_MAP",
                "OIDC_CLIENT_AUTH",
                "OIDC_NO_ROLE",
                "OIDC_ALGORITHMS"
            ]
        );
        assert!(!format!("{wrong:?}").contains("hunter2"));
    }

    #[test]
    fn only_this_machines_own_provider_may_be_without_tls() {
        for (issuer, is_fit) in [
            ("https://id.example.com/realms/x", true),
            ("http://127.0.0.1:3000", true),
            ("http://localhost:3000", true),
            ("http://localhost.evil.example", false),
            ("https://id.example.com/?x=1", false),
            ("id.example.com", false),
        ] {
            assert_eq!(super::is_fit(issuer), is_fit, "{issuer}");
        }
    }
}
