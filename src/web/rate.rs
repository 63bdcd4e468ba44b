//! How often the costly things may be done: a small table of classes. Counted in each process by itself, so that two
//! replicas allow twice as much, which is near enough for holding back; the memory is bounded.

use super::{error::WebError, wall};
use crate::{clock::Clock, domain::ids::UserId};
use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::Data,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

/// How many counts are kept at most; beyond that the one that is nearest to being forgotten goes.
const MOST_KEPT: usize = 10_000;

/// What is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Signing in, with each step of it. Counted by address, since nobody is known yet.
    SignIn,
    /// A whole workbook.
    Import,
    /// Downloads of whole lists, outlooks, computing again.
    Costly,
}

impl Class {
    /// What a request belongs to; none: it isn't held back.
    #[must_use]
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        let is_post = method == Method::POST;
        let is_list = path
            .rsplit_once('.')
            .is_some_and(|(_, end)| ["csv", "xlsx"].contains(&end));
        let is_work = ["/preview", "/recomputation", "/rescoring"]
            .iter()
            .any(|end| path.ends_with(end));
        match path {
            "/sign-in" if is_post => Some(Self::SignIn),
            "/sample-data" if is_post => Some(Self::Import),
            "/imports/google" if is_post => Some(Self::Costly),
            _ if path.starts_with("/auth/") => Some(Self::SignIn),
            _ if is_list || (is_post && is_work) => Some(Self::Costly),
            _ => None,
        }
    }

    /// How many at once, and in how many seconds as many are allowed again.
    fn limit(self) -> (i32, i64) {
        match self {
            Self::SignIn => (30, 60),
            Self::Import => (10, 600),
            Self::Costly => (60, 60),
        }
    }
}

/// Whom a count is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Person(UserId),
    Address(IpAddr),
}

/// What was asked for lately: for each class and client, when all of it will be forgotten.
#[derive(Debug, Default)]
pub struct Rates(Mutex<HashMap<(Class, Who), DateTime<Utc>>>);

impl Rates {
    /// Counts one more, or says after how many seconds it may be asked again.
    fn take(&self, class: Class, who: Who, now: DateTime<Utc>) -> Result<(), i64> {
        let (many, seconds) = class.limit();
        let window = TimeDelta::seconds(seconds);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (class, who);
        let forgotten_at = all.get(&key).copied().unwrap_or(now).max(now) + window / many;
        let wait = forgotten_at - window - now;
        if wait > TimeDelta::zero() {
            return Err(wait.num_seconds() + 1);
        }
        if all.len() >= MOST_KEPT && !all.contains_key(&key) {
            all.retain(|_, at| *at > now);
            if all.len() >= MOST_KEPT
                && let Some(nearest) = all.iter().min_by_key(|(_, at)| **at).map(|(key, _)| *key)
            {
                all.remove(&nearest);
            }
        }
        all.insert(key, forgotten_at);
        Ok(())
    }
}

/// Holds a signed-in person back.
///
/// # Errors
/// Too much; with the time to wait.
pub fn of_person(request: &HttpRequest, person: UserId) -> Result<(), WebError> {
    match Class::of(request.method(), request.path()) {
        None | Some(Class::SignIn) => Ok(()),
        Some(class) => count(request, class, Who::Person(person)),
    }
}

/// Holds back those who sign in, by their address.
pub async fn hold_back(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if Class::of(request.method(), request.path()) == Some(Class::SignIn)
        && let Some(address) = wall::client_of(request.request())
        && let Err(error) = count(
            request.request(),
            Class::SignIn,
            Who::Address(network(address)),
        )
    {
        return Ok(request.error_response(error));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn count(request: &HttpRequest, class: Class, who: Who) -> Result<(), WebError> {
    let (Some(wall), Some(clock)) = (
        request.app_data::<Data<wall::Wall>>(),
        request.app_data::<Data<Clock>>(),
    ) else {
        return Err(anyhow::anyhow!("the app is not put together").into());
    };
    wall.rates
        .take(class, who, clock.now())
        .map_err(|seconds| WebError::TooMany { seconds })
}

/// One household or office has a whole network of IPv6 addresses: they count as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn address(number: u32) -> Who {
        Who::Address(IpAddr::V4(number.into()))
    }

    #[test]
    fn as_many_as_the_table_says_and_then_one_for_each_share_of_its_time() {
        let rates = Rates::default();
        let take = |who, second| rates.take(Class::SignIn, who, at(second));
        for n in 0..30 {
            assert_eq!(take(address(1), 0), Ok(()), "{n}");
        }
        assert_eq!(take(address(1), 0), Err(3));
        assert_eq!(take(address(2), 0), Ok(()), "somebody else isn’t held back");
        assert_eq!(take(address(1), 2), Ok(()));
        assert!(take(address(1), 2).is_err());
        for _ in 0..30 {
            assert_eq!(take(address(1), 100), Ok(()));
        }
    }

    #[test]
    fn the_memory_is_bounded_and_the_nearest_to_being_forgotten_goes_first() {
        let rates = Rates::default();
        for _ in 0..30 {
            rates.take(Class::SignIn, address(0), at(0)).unwrap();
        }
        for number in 1..20_000 {
            rates.take(Class::SignIn, address(number), at(0)).unwrap();
        }
        assert!(rates.0.lock().unwrap().len() <= MOST_KEPT);
        assert!(rates.take(Class::SignIn, address(0), at(0)).is_err());
    }

    #[test]
    fn what_is_held_back_and_what_isn_t() {
        let (get, post) = (Method::GET, Method::POST);
        for (method, path, class) in [
            (&post, "/sign-in", Some(Class::SignIn)),
            (&get, "/sign-in", None),
            (&get, "/auth/callback", Some(Class::SignIn)),
            (&post, "/sample-data", Some(Class::Import)),
            (&get, "/backlog.csv", Some(Class::Costly)),
            (&get, "/scoring.xlsx", Some(Class::Costly)),
            (&post, "/frameworks/REACH/preview", Some(Class::Costly)),
            (&post, "/scores/1/recomputation", Some(Class::Costly)),
            (&post, "/frameworks/REACH/rescoring", Some(Class::Costly)),
            (&get, "/frameworks/REACH/rescoring", None),
            (&post, "/params/1/fields/value", None),
            (&get, "/backlog", None),
        ] {
            assert_eq!(Class::of(method, path), class, "{method} {path}");
        }
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
