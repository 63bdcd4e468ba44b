//! A page's sign of life: `POST /presence` says who has which page in sight and what they have open there, and answers
//! with who else does. Needs a session, and is no use of it.

use super::{Crowd, crowd::Here};
use crate::{
    store::{Db, sessions},
    web::{error::WebError, session},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Form},
};
use serde::Deserialize;
use std::time::Instant;

/// How long what a page says of itself may be, in bytes.
const LONGEST: usize = 120;
/// At how many places a page may be.
const MOST_PLACES: usize = 2;

/// What a page says of itself.
#[derive(Debug, Deserialize)]
pub struct Sent {
    /// What tells it from the person's other tabs.
    tab: String,
    /// Where it is, with commas between. Empty: it is left, or out of sight.
    #[serde(default)]
    at: String,
    /// Where the form posts that is open in it.
    #[serde(default)]
    edits: String,
}

impl Sent {
    fn places(&self) -> Vec<String> {
        let named = self.at.split(',').filter(|place| !place.is_empty());
        named.map(str::to_owned).collect()
    }

    /// Whether a page of ours can have said it.
    fn is_sound(&self) -> bool {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let is_address = |c: char| is_plain(c) || c == '/';
        let places = self.places();
        let said = [&self.tab, &self.at, &self.edits];
        said.iter().all(|text| text.len() <= LONGEST)
            && places.len() <= MOST_PLACES
            && places.iter().all(|place| place.chars().all(is_plain))
            && self.tab.chars().all(is_plain)
            && self.edits.chars().all(is_address)
    }
}

/// POST /presence
pub async fn tell(
    request: HttpRequest,
    db: Data<Db>,
    crowd: Data<Crowd>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let Some(hash) = session::id_hash(&request) else {
        return Ok(HttpResponse::Unauthorized().finish());
    };
    if !sent.is_sound() {
        return Err(WebError::BadRequest("No page of this app is there."));
    }
    let asked = db.read(async move |mut conn| sessions::get_name(&mut conn, &hash).await);
    let Some((id, name)) = asked.await? else {
        return Ok(HttpResponse::Unauthorized().finish());
    };
    let places = sent.places();
    if places.is_empty() {
        crowd.leaves(id.0, sent.tab.clone());
        return Ok(HttpResponse::NoContent().finish());
    }
    let who = Here::new(id.0, &name, sent.edits.clone());
    crowd.sees(Instant::now(), sent.tab.clone(), places.clone(), who);
    Ok(HttpResponse::Ok().json(crowd.around(&places)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_page_can_say_of_itself_is_taken() {
        let sent = |tab: &str, at: &str, edits: &str| Sent {
            tab: tab.to_owned(),
            at: at.to_owned(),
            edits: edits.to_owned(),
        };
        let long = "a".repeat(LONGEST + 1);
        for (said, is_sound) in [
            (sent("1-a", "INIT-1,params", "/params/1/fields/value"), true),
            (sent("1-a", "", ""), true),
            (sent("1 a", "INIT-1", ""), false),
            (sent("1-a", "INIT-1,params,INIT-2", ""), false),
            (sent("1-a", "<b>", ""), false),
            (sent("1-a", "INIT-1", "//evil.example"), false),
            (sent("1-a", "INIT-1", "javascript:x"), false),
            (sent(&long, "INIT-1", ""), false),
            (sent("1-a", &long, ""), false),
            (sent("1-a", "INIT-1", &long), false),
        ] {
            assert_eq!(said.is_sound(), is_sound, "{said:?}");
        }
    }
}
