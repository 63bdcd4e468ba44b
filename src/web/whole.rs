//! One initiative as a whole: everything its page is made of, read together.

use super::{
    figures::day,
    score_card::active_badge,
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
        math_model::{MathModel, ModelField},
        param::Param,
        rights::Act,
        scenario::Scenario,
        score_override::{Effective, Figures, effective},
    },
    store::{
        frameworks, initiatives, math_models, params, scenarios,
        score_overrides::{self, OpenOverride},
        scores::{self, Standing},
    },
};
use chrono::{DateTime, Utc};
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
    /// The overrides that hold or are suspended, one a framework at most.
    pub overrides: Vec<OpenOverride>,
    /// The math model, if there is one: Base.
    pub model: Option<MathModel>,
    /// The scenario that drives its score by a formula of its own; none: Base's formula counts.
    pub own_formula: Option<Scenario>,
    /// Its params, by framework, in the order of the formulas.
    pub params: Vec<Param>,
}

/// Reads an initiative as a whole, as it is at that time.
pub async fn load(
    conn: &mut PgConnection,
    key: &InitiativeKey,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Whole>> {
    let Some(initiative) = initiatives::get(conn, key).await? else {
        return Ok(None);
    };
    let frameworks = frameworks::list(conn).await?;
    let standings = scores::standings(conn, initiative.id).await?;
    let mut overrides = score_overrides::open(conn, initiative.id).await?;
    overrides.retain(|open| open.over.is_live(now));
    let model = match frameworks.iter().find(|f| f.is_math_model()) {
        Some(f) => math_models::get(conn, math_models::Which::Of(initiative.id, f.id)).await?,
        None => None,
    };
    let driver = model.as_ref().and_then(|model| model.driver.as_ref());
    let own_formula = match driver.filter(|driver| driver.has_formula) {
        Some(driver) => scenarios::get(conn, driver.id).await?,
        None => None,
    };
    let params = params::list(conn, params::Which::OfInitiative(initiative.id)).await?;
    Ok(Some(Whole {
        initiative,
        frameworks,
        standings,
        overrides,
        model,
        own_formula,
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

    /// The override of a framework's score, if one holds. That of one which isn't active is suspended.
    #[must_use]
    pub fn live_override(&self, framework: FrameworkId) -> Option<&OpenOverride> {
        self.overrides
            .iter()
            .find(|open| open.framework_id == framework)
    }

    /// What a framework gives by itself.
    #[must_use]
    pub fn own(&self, framework: FrameworkId) -> Figures {
        if let Some(live) = self.live_override(framework) {
            return live.own.clone();
        }
        let score = self.standing(framework).and_then(|s| s.score.as_ref());
        score.map_or_else(Figures::default, |score| Figures {
            value: Some(score.value),
            effort: score.effort,
            overall: score.overall,
            unit: score.value_unit.clone(),
        })
    }

    /// The unit of a framework's own value.
    #[must_use]
    pub fn own_unit(&self, framework: &Framework) -> String {
        let score = self.standing(framework.id).and_then(|s| s.score.as_ref());
        let model = self.model.as_ref().filter(|_| framework.is_math_model());
        match (score, model) {
            (Some(score), _) => score.value_unit.clone(),
            (None, Some(model)) => model.text(ModelField::ValueUnit).to_owned(),
            (None, None) => String::new(),
        }
    }

    /// What counts: the active framework's figures under its override, any other's own.
    #[must_use]
    pub fn effective(&self, framework: FrameworkId) -> Effective {
        let is_active = self.initiative.active_framework == Some(framework);
        let live = self.live_override(framework).filter(|_| is_active);
        let terms = live.map(|live| &live.over.terms);
        effective(&self.own(framework), terms)
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

    /// The math model with the formula that drives its score, and that one's approval.
    #[must_use]
    pub fn driving_model(&self) -> Option<MathModel> {
        let base = self.model.as_ref()?;
        let own = self.own_formula.as_ref();
        Some(own.map_or_else(|| base.clone(), |scenario| scenario.over_model(base)))
    }

    /// Where the formula that drives the math model's score is written; none: there is no model.
    #[must_use]
    pub fn formula_href(&self) -> Option<String> {
        let base = self.model.as_ref()?;
        Some(match &self.own_formula {
            Some(scenario) => format!("/scenarios/{}", scenario.id),
            None => format!("#math-model-{}", base.id),
        })
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
    let refusal = visit.may(Act::EditInitiative).err();
    let archived = initiative
        .archived_at
        .map(|at| format!("Archived on {}", day(at)));
    Heading {
        key: initiative.key.to_string(),
        title: initiative.title().to_owned(),
        badge: Some(match &archived {
            Some(_) => Badge::of(State::Archived),
            None => active_badge(whole),
        }),
        archived: archived.unwrap_or_default(),
        can_archive: refusal.is_none(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        history_href: format!("{}/history", whole.href()),
        seen: whole.seen(),
    }
}
