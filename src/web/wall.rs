//! What the app knows of its surroundings: the address that people use, the proxies before it, how much it takes from
//! one client. Nothing of it is ever read from a request that a stranger could have written.

use super::rate::Rates;
use actix_web::{HttpRequest, dev::ServiceRequest, http::header::HeaderMap, web::Data};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// Scheme, host and port of an address: what browsers call an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    is_secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// Of a whole address; none: it isn't one of http or https.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = rest.split(['/', '?', '#']).next()?;
        let (host, port) = host_and_port(authority, is_secure)?;
        Some(Self {
            is_secure,
            host,
            port,
        })
    }

    fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    fn is_named_by(&self, host: &str) -> bool {
        host_and_port(host, self.is_secure)
            .is_some_and(|(host, port)| host == self.host && port == self.port)
    }
}

/// A host in small letters and its port, as `Host` and addresses write them.
fn host_and_port(authority: &str, is_secure: bool) -> Option<(String, u16)> {
    let usual = if is_secure { 443 } else { 80 };
    let end = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority.get(end..)?.rfind(':') {
        Some(at) => (
            authority.get(..end + at)?,
            authority.get(end + at + 1..)?.parse().ok()?,
        ),
        None => (authority, usual),
    };
    let is_plain = !host.is_empty() && !host.contains(['@', '/', '\\']);
    is_plain.then(|| (host.to_ascii_lowercase(), port))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// The surroundings, as configured.
#[derive(Debug)]
pub struct Wall {
    own: Option<Origin>,
    proxies: Vec<IpNet>,
    /// How much was asked for lately, and by whom.
    pub rates: Rates,
}

impl Wall {
    /// With the public address and the proxies that are believed.
    #[must_use]
    pub fn new(public_url: Option<&str>, proxies: Vec<IpNet>) -> Self {
        Self {
            own: public_url.and_then(Origin::of),
            proxies,
            rates: Rates::default(),
        }
    }

    /// Whether people use the app over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.is_secure)
    }

    /// Whether `Host` names this app. Without a public address there is nothing to compare with.
    #[must_use]
    pub fn is_addressed(&self, host: &str) -> bool {
        let Some(own) = &self.own else { return true };
        own.is_named_by(host) || (own.is_loopback() && is_loopback_host(host))
    }

    /// Whether a page at this origin is one of ours, for browsers that don't send `Sec-Fetch-Site`.
    #[must_use]
    pub fn is_own_origin(&self, origin: &str, host: &str) -> bool {
        let Some(origin) = Origin::of(origin) else {
            return false;
        };
        if let Some(own) = &self.own
            && (*own == origin || !own.is_loopback())
        {
            return *own == origin;
        }
        !origin.is_secure && origin.is_loopback() && origin.is_named_by(host)
    }

    /// Whose request it is: what the trusted proxies say, from the last one backwards, up to the first address that
    /// isn't a proxy of ours. Two headers that disagree are both not believed.
    #[must_use]
    pub fn client(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?.ip().to_canonical();
        if !self.is_proxy(peer) {
            return Some(peer);
        }
        let forwarded_for = self.last_stranger(&listed(headers, "x-forwarded-for"), str::trim);
        let forwarded = self.last_stranger(&listed(headers, "forwarded"), for_part);
        let believed = match (forwarded_for, forwarded) {
            (Some(one), Some(other)) if one != other => None,
            (one, other) => one.or(other),
        };
        believed.or(Some(peer))
    }

    fn is_proxy(&self, ip: IpAddr) -> bool {
        self.proxies.iter().any(|net| net.contains(&ip))
    }

    fn last_stranger(&self, hops: &[String], address: impl Fn(&str) -> &str) -> Option<IpAddr> {
        for hop in hops.iter().rev() {
            let ip = ip_of(address(hop))?;
            if !self.is_proxy(ip) {
                return Some(ip);
            }
        }
        None
    }
}

fn is_loopback_host(host: &str) -> bool {
    host_and_port(host, false).is_some_and(|(host, _)| is_loopback(&host))
}

fn listed(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(|hop| hop.trim().to_owned())
        .collect()
}

/// What one hop of `Forwarded` says after `for=`; empty: nothing.
fn for_part(hop: &str) -> &str {
    let said = hop.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for")
            .then(|| value.trim_matches('"'))
    });
    said.unwrap_or_default()
}

/// An address with or without a port, IPv6 in brackets or bare.
fn ip_of(text: &str) -> Option<IpAddr> {
    let bare = text.trim_matches(['[', ']']).parse();
    let ip = bare.or_else(|_with_port| text.parse::<SocketAddr>().map(|address| address.ip()));
    Some(ip.ok()?.to_canonical())
}

/// The wall that stands before this request.
#[must_use]
pub fn of(request: &ServiceRequest) -> Option<Data<Wall>> {
    request.app_data::<Data<Wall>>().cloned()
}

/// Whose request it is.
#[must_use]
pub fn client_of(request: &HttpRequest) -> Option<IpAddr> {
    let wall = request.app_data::<Data<Wall>>()?;
    wall.client(request.peer_addr(), request.headers())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    type Headers<'a> = &'a [(&'a str, &'a str)];

    #[test]
    fn an_origin_is_scheme_host_and_port_and_nothing_less() {
        let wall = Wall::new(Some("https://App.example.com/"), vec![]);
        for (origin, is_own) in [
            ("https://app.example.com", true),
            ("https://app.example.com:443", true),
            ("http://app.example.com", false),
            ("https://app.example.com:8443", false),
            ("https://app.example.com.evil.example", false),
            ("https://evil.example", false),
            ("http://localhost:8080", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(
                wall.is_own_origin(origin, "localhost:8080"),
                is_own,
                "{origin}"
            );
        }
    }

    #[test]
    fn without_a_public_address_only_a_page_of_this_very_loopback_host_is_ours() {
        let wall = Wall::new(None, vec![]);
        for (origin, host, is_own) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://localhost", "localhost", true),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://127.0.0.1:9090", "127.0.0.1:8080", false),
            ("https://127.0.0.1:8080", "127.0.0.1:8080", false),
            ("http://evil.example", "evil.example", false),
        ] {
            assert_eq!(wall.is_own_origin(origin, host), is_own, "{origin} {host}");
        }
    }

    #[test]
    fn host_must_be_the_public_address() {
        let wall = Wall::new(Some("https://app.example.com"), vec![]);
        for (host, is_ours) in [
            ("app.example.com", true),
            ("APP.example.com:443", true),
            ("app.example.com:80", false),
            ("evil.example", false),
            ("localhost", false),
            ("user@app.example.com", false),
            ("", false),
        ] {
            assert_eq!(wall.is_addressed(host), is_ours, "{host:?}");
        }
        let local = Wall::new(Some("http://localhost:8080"), vec![]);
        assert!(local.is_addressed("127.0.0.1:8080") && !local.is_addressed("evil.example"));
    }

    #[test]
    fn proxies_are_believed_only_from_configured_addresses_and_only_the_last_stranger() {
        let wall = Wall::new(
            None,
            vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        );
        let cases: [(&str, Headers<'_>, &str); 9] = [
            (
                "203.0.113.9:1",
                &[("x-forwarded-for", "1.2.3.4")],
                "203.0.113.9",
            ),
            (
                "10.0.0.1:1",
                &[("x-forwarded-for", "6.6.6.6, 1.2.3.4")],
                "1.2.3.4",
            ),
            (
                "10.0.0.1:1",
                &[("x-forwarded-for", "1.2.3.4, 10.0.0.7")],
                "1.2.3.4",
            ),
            (
                "10.0.0.1:1",
                &[("x-forwarded-for", "1.2.3.4:99")],
                "1.2.3.4",
            ),
            (
                "10.0.0.1:1",
                &[(
                    "forwarded",
                    "for=6.6.6.6, For=\"[2001:db8::1]:4\";proto=https",
                )],
                "2001:db8::1",
            ),
            (
                "10.0.0.1:1",
                &[("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=6.6.6.6")],
                "10.0.0.1",
            ),
            (
                "10.0.0.1:1",
                &[("x-forwarded-for", "1.2.3.4, unknown")],
                "10.0.0.1",
            ),
            (
                "[::ffff:10.0.0.1]:1",
                &[("x-forwarded-for", "1.2.3.4")],
                "1.2.3.4",
            ),
            ("10.0.0.1:1", &[], "10.0.0.1"),
        ];
        for (peer, sent, client) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                headers.append(
                    HeaderName::try_from(*name).unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                );
            }
            let found = wall.client(Some(peer.parse().unwrap()), &headers);
            assert_eq!(found, Some(client.parse().unwrap()), "{peer} {sent:?}");
        }
    }
}
