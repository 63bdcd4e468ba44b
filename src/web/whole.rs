//! One initiative as a whole: everything its page is made of, read together.

use super::{
    figures::day,
    score_card::card_badge,
    view::{
        Seen, SelectOption,
        badge::{Badge, State},
        initiative::Heading,
    },
    visit::Visit,
};
use crate::{
    domain::{
        framework::Framework,
        ids::{FrameworkId, InitiativeKey},
        initiative::Initiative,
        math_model::MathModel,
        param::Param,
        rights::Act,
    },
    store::{
        frameworks, initiatives, math_models, params,
        scores::{self, Standing},
    },
};
use sqlx::PgConnection;

/// Everything an initiative's page is made of.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The initiative.
    pub initiative: Initiative,
    /// All frameworks there are.
    pub frameworks: Vec<Framework>,
    /// Where each that is or was on stands.
    pub standings: Vec<Standing>,
    /// The driving math model, if there is one.
    pub model: Option<MathModel>,
    /// Its params, by framework, in the order of the formulas.
    pub params: Vec<Param>,
}

/// Reads an initiative as a whole.
pub async fn load(conn: &mut PgConnection, key: &InitiativeKey) -> sqlx::Result<Option<Whole>> {
    let Some(initiative) = initiatives::get(conn, key).await? else {
        return Ok(None);
    };
    let frameworks = frameworks::list(conn).await?;
    let standings = scores::standings(conn, initiative.id).await?;
    let model = match frameworks.iter().find(|f| f.is_math_model()) {
        Some(f) => math_models::get(conn, math_models::Which::Driving(initiative.id, f.id)).await?,
        None => None,
    };
    let params = params::list(conn, params::Which::OfInitiative(initiative.id)).await?;
    Ok(Some(Whole {
        initiative,
        frameworks,
        standings,
        model,
        params,
    }))
}

impl Whole {
    /// A framework by its row.
    #[must_use]
    pub fn framework(&self, id: FrameworkId) -> Option<&Framework> {
        self.frameworks.iter().find(|framework| framework.id == id)
    }

    /// The active framework.
    #[must_use]
    pub fn active(&self) -> Option<&Framework> {
        self.initiative
            .active_framework
            .and_then(|id| self.framework(id))
    }

    /// Where a framework stands, if it is on.
    #[must_use]
    pub fn standing(&self, framework: FrameworkId) -> Option<&Standing> {
        self.standings
            .iter()
            .find(|s| s.framework_id == framework && s.is_on)
    }

    /// The params of a framework.
    #[must_use]
    pub fn params_of(&self, framework: FrameworkId) -> Vec<Param> {
        self.params
            .iter()
            .filter(|param| param.framework_id == framework)
            .cloned()
            .collect()
    }

    /// The page's address.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/initiatives/{}", self.initiative.key)
    }

    /// What forms saw.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen {
            revision: self.initiative.revision,
            form_key: crate::web::sent_form::fresh_key(),
        }
    }

    /// The choices of the active framework, "none" first.
    #[must_use]
    pub fn framework_options(&self) -> Vec<SelectOption> {
        framework_options(&self.frameworks, self.active().map(|f| f.key.as_str()))
    }
}

/// The choices of the active framework, "none" first with an empty value.
#[must_use]
pub fn framework_options(frameworks: &[Framework], active: Option<&str>) -> Vec<SelectOption> {
    let none = SelectOption {
        value: String::new(),
        label: "None".into(),
        is_selected: active.is_none(),
    };
    // What is archived can't be chosen anew.
    let offered =
        |framework: &&Framework| !framework.is_archived || active == Some(framework.key.as_str());
    let others = frameworks
        .iter()
        .filter(offered)
        .map(|framework| SelectOption {
            value: framework.key.clone(),
            label: framework.name.clone(),
            is_selected: active == Some(framework.key.as_str()),
        });
    std::iter::once(none).chain(others).collect()
}

/// Key, title, where the score stands.
#[must_use]
pub fn heading(whole: &Whole, visit: &Visit) -> Heading {
    let initiative = &whole.initiative;
    let archived = initiative
        .archived_at
        .map(|at| format!("Archived on {}", day(at)));
    Heading {
        key: initiative.key.to_string(),
        title: initiative.title().to_owned(),
        badge: Some(match &archived {
            Some(_) => Badge::of(State::Archived),
            None => card_badge(whole.active().and_then(|f| whole.standing(f.id))),
        }),
        archived: archived.unwrap_or_default(),
        can_archive: visit.may(Act::EditInitiative).is_ok(),
        history_href: format!("{}/history", whole.href()),
        seen: whole.seen(),
    }
}
