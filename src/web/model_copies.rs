//! Copy a formula to initiatives: choose them, see what would happen to each, do it.
//!
//! The choice and the preview are addresses, so that Back works and both can be sent to somebody; only doing it is a post.
//! What a copy does is decided in [`crate::domain::model_copy`].

mod shown;

use super::{
    error::WebError,
    reply,
    sent_form::batch_of,
    undo,
    view::{layout::Nav, model_copy::Choose},
    visit::Visit,
};
use crate::{
    actions::{
        ActionError, Actor,
        copy_model::{self as acts, Chosen, Copied},
    },
    domain::{
        framework::MATH_MODEL,
        model_copy::{Blueprint, CopyFrom, Kind, MOST_TARGETS},
        rights::Act,
    },
    store::{frameworks, model_copies as store},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Query},
};
use std::collections::BTreeMap;

/// What addresses and forms say: names may come more than once.
type Pairs = Vec<(String, String)>;

/// What is to be copied, and where to.
#[derive(Clone, Debug)]
struct Asked {
    from: CopyFrom,
    query: String,
    /// Keys of initiatives, each once.
    targets: Vec<String>,
    /// Those whose formula shall give way.
    over: Vec<String>,
}

impl Asked {
    fn read(pairs: &[(String, String)]) -> Result<Self, WebError> {
        let all = |name: &str| {
            let of = pairs.iter().filter(|(field, _)| field == name);
            let mut values: Vec<String> = Vec::new();
            for (_, value) in of {
                let value = value.trim().to_owned();
                if !value.is_empty() && !values.contains(&value) {
                    values.push(value);
                }
            }
            values
        };
        let from = all("from").pop().and_then(|from| CopyFrom::read(&from));
        Ok(Self {
            from: from.ok_or(WebError::NotFound("formula to copy"))?,
            query: all("q").pop().unwrap_or_default(),
            targets: all("target"),
            over: all("over"),
        })
    }

    /// The page on which others are chosen.
    fn choose_href(&self) -> String {
        let from = [("from", self.from.to_string())];
        let targets = self.targets.iter().map(|key| ("target", key.clone()));
        let pairs: Vec<_> = from.into_iter().chain(targets).collect();
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("/copies/new?{query}")
    }
}

/// Where what is copied is looked at.
fn source_href(from: &CopyFrom) -> String {
    match from {
        CopyFrom::Model(id) => format!("/math-models/{id}"),
        CopyFrom::Template(id) => format!("/templates/{id}"),
        CopyFrom::Pattern(key) => format!("/templates/{key}"),
    }
}

/// `INIT-123, version 3`, `Template “Rate uplift”, version 1`.
fn what(blueprint: &Blueprint) -> String {
    let origin = &blueprint.origin;
    match origin.kind {
        Kind::Copy => format!("{}, version {}", origin.name, origin.version),
        Kind::Template | Kind::Pattern => {
            format!("Template “{}”, version {}", origin.name, origin.version)
        }
    }
}

fn must_be_allowed(visit: &Visit) -> Result<(), WebError> {
    visit.may(Act::WriteModel).map_err(ActionError::from)?;
    Ok(visit.may(Act::ChooseFramework).map_err(ActionError::from)?)
}

/// GET /copies/new
pub async fn choose(visit: Visit, asked: Query<Pairs>) -> Result<HttpResponse, WebError> {
    must_be_allowed(&visit)?;
    let asked = Asked::read(&asked)?;
    reply::html(&choosing(&visit, &asked, String::new()).await?)
}

async fn choosing(visit: &Visit, asked: &Asked, error: String) -> Result<Choose, WebError> {
    let of = asked.clone();
    let read = visit.db.read(async move |mut conn| {
        let blueprint = acts::blueprint(&mut conn, &of.from).await?;
        let framework = frameworks::get(&mut conn, MATH_MODEL).await?;
        let framework = framework.ok_or(ActionError::NotFound("framework"))?;
        let targets = &of.targets[..of.targets.len().min(MOST_TARGETS)];
        let choices = store::choices(&mut conn, framework.id, &of.query, targets).await?;
        Ok::<_, ActionError>((blueprint, choices))
    });
    let (blueprint, choices) = read.await?;
    let note = shown::rest(&choices, asked);
    Ok(Choose {
        page: visit.page("Copy a formula", Nav::Models),
        from: asked.from.to_string(),
        what: what(&blueprint),
        source_href: source_href(&asked.from),
        query: asked.query.clone(),
        choices: shown::choices(&choices, asked),
        note,
        most: MOST_TARGETS,
        error,
    })
}

/// GET /copies/preview: what would happen. Writes nothing.
pub async fn preview(visit: Visit, asked: Query<Pairs>) -> Result<HttpResponse, WebError> {
    must_be_allowed(&visit)?;
    let asked = Asked::read(&asked)?;
    let count = asked.targets.len();
    let error = match count {
        0 => "Choose at least one initiative first.".to_owned(),
        _ if count > MOST_TARGETS => {
            format!("These are {count} initiatives. Choose at most {MOST_TARGETS} at once.")
        }
        _ => return previewed(&visit, &asked, StatusCode::OK, "").await,
    };
    let page = choosing(&visit, &asked, error).await?;
    reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn previewed(
    visit: &Visit,
    asked: &Asked,
    status: StatusCode,
    why_not: &str,
) -> Result<HttpResponse, WebError> {
    let of = asked.clone();
    let outlook = visit
        .db
        .read(async move |mut conn| acts::look(&mut conn, &of.from, &of.targets).await)
        .await?;
    let mut page = shown::preview(visit, asked, &outlook);
    if !why_not.is_empty() {
        page.page.notices.push(shown::nothing_was_copied(why_not));
    }
    reply::html_with(status, &page)
}

/// GET /copies: the page that says what a copy did, asked for again, is the list of models.
pub async fn leave(_visit: Visit) -> HttpResponse {
    reply::go_to("/math-models")
}

/// POST /copies: all that was chosen, in one transaction and as one act.
pub async fn copy(visit: Visit, sent: Form<Pairs>) -> Result<HttpResponse, WebError> {
    let mut asked = Asked::read(&sent)?;
    let rows = sent.iter().filter(|(name, _)| name == "row");
    let chosen: BTreeMap<_, _> = rows
        .filter_map(|(_, row)| {
            let (key, revision) = row.rsplit_once(':')?;
            let chosen = Chosen {
                revision: revision.parse().ok()?,
                is_over: asked.over.iter().any(|over| over == key),
            };
            Some((key.to_owned(), chosen))
        })
        .collect();
    asked.targets = chosen.keys().cloned().collect();
    let version = sent.iter().find(|(name, _)| name == "version");
    let version = version.and_then(|(_, version)| version.parse().ok());
    let Some(version) = version.filter(|_| !chosen.is_empty()) else {
        return Err(WebError::BadRequest(
            "The form doesn’t say what it copies where.",
        ));
    };
    let (batch, from, wanted) = (batch_of(visit.sent.as_ref()), asked.from.clone(), chosen);
    let done = visit
        .act_long_once(
            "copy",
            async move |_tx| Ok::<_, ActionError>(None),
            async move |mut tx, actor, now| {
                let actor = Actor { batch, ..actor };
                let copied = acts::copy(&mut tx, &actor, now, (&from, version), &wanted).await?;
                Ok(Some(copied))
            },
        )
        .await;
    match done {
        Ok(copied) => told(&Visit { batch, ..visit }, &asked, copied),
        Err(ActionError::Invalid(why)) => {
            previewed(&visit, &asked, StatusCode::CONFLICT, &why).await
        }
        Err(other) => Err(other.into()),
    }
}

/// One initiative: its model, with what happened to it. Several: a page that names them.
fn told(visit: &Visit, asked: &Asked, copied: Option<Copied>) -> Result<HttpResponse, WebError> {
    match copied {
        Some(Copied { done, left_out }) if done.len() == 1 && left_out.is_empty() => {
            let (_, model) = &done[0];
            Ok(undo::go_back_telling(
                visit,
                &format!("/math-models/{model}"),
            ))
        }
        None if asked.targets.len() == 1 => {
            Ok(reply::go_to(&format!("/initiatives/{}", asked.targets[0])))
        }
        copied => reply::html(&shown::done(visit, asked, copied)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Pairs {
        serde_urlencoded::from_str(text).unwrap()
    }

    #[test]
    fn an_address_names_each_initiative_once_and_leads_back_to_the_choice() {
        let text =
            "from=model%3A3&target=INIT-1&target=INIT-2&target=INIT-1&target=&over=INIT-2&q=+pay+";
        let asked = Asked::read(&pairs(text)).unwrap();
        assert_eq!(asked.targets, ["INIT-1", "INIT-2"]);
        assert_eq!(
            (asked.over, asked.query.as_str()),
            (vec!["INIT-2".to_owned()], "pay")
        );
        let asked = Asked::read(&pairs(text)).unwrap();
        assert_eq!(
            asked.choose_href(),
            "/copies/new?from=model%3A3&target=INIT-1&target=INIT-2"
        );
    }

    #[test]
    fn nothing_is_copied_from_nowhere() {
        for text in ["", "from=", "from=sheet%3A1", "target=INIT-1"] {
            let read = Asked::read(&pairs(text));
            assert!(matches!(read, Err(WebError::NotFound(_))), "{text}");
        }
    }
}
