//! Base of an initiative by a framework with everything that is laid over it, read together.

use super::{ActionError, Outcome, scores};
use crate::{
    domain::{
        formula,
        ids::{FrameworkId, InitiativeId, MathModelId},
        initiative::Initiative,
        param::Param,
        scenario::{self, Base, Scenario, Whose},
        scoring::{self, Case, Missing, Score},
    },
    store::{
        frameworks, initiatives, math_models,
        params::{self, Which},
        scenarios::{self as store, Which as Scenarios},
    },
};
use sqlx::PgConnection;

/// Base with all its scenarios.
#[derive(Clone, Debug)]
pub struct Group {
    /// The initiative.
    pub initiative: Initiative,
    /// The formula, and whose it is.
    pub base: Base,
    /// Base's params, those that the formula reads first.
    pub params: Vec<Param>,
    /// In the order in which they were made, also those that are put away.
    pub scenarios: Vec<Scenario>,
    /// Whether the initiative is scored by the framework.
    pub is_on: bool,
}

/// Reads it: as many statements, however many scenarios there are.
pub async fn get(conn: &mut PgConnection, whose: &Whose) -> Outcome<Group> {
    let initiative = initiatives::get(conn, &whose.initiative).await?;
    let initiative = initiative.ok_or(ActionError::NotFound("initiative"))?;
    read(conn, initiative, &whose.framework).await
}

/// The same, after everybody who changed the initiative before.
pub(super) async fn lock(tx: &mut PgConnection, whose: &Whose) -> Outcome<Group> {
    let initiative = initiatives::lock_by_key(tx, &whose.initiative).await?;
    let initiative = initiative.ok_or(ActionError::NotFound("initiative"))?;
    read(tx, initiative, &whose.framework).await
}

async fn read(conn: &mut PgConnection, initiative: Initiative, key: &str) -> Outcome<Group> {
    let framework = frameworks::get(conn, key).await?;
    let framework = framework.ok_or(ActionError::NotFound("framework"))?;
    let of = (initiative.id, framework.id);
    let model = if framework.formula.is_some() {
        None
    } else {
        let own = math_models::get(conn, math_models::Which::Of(of.0, of.1)).await?;
        Some(own.ok_or(ActionError::NotFound("math model"))?)
    };
    Ok(Group {
        params: scenario::base(&params::list(conn, Which::Of(of.0, of.1)).await?),
        scenarios: store::list(conn, Scenarios::Of(of.0, of.1)).await?,
        is_on: frameworks::is_on(conn, of).await?,
        base: Base { framework, model },
        initiative,
    })
}

/// Where a scenario belongs.
pub async fn whose(conn: &mut PgConnection, scenario: MathModelId) -> Outcome<Whose> {
    let whose = store::whose(conn, scenario).await?;
    whose.ok_or(ActionError::NotFound("scenario"))
}

impl Group {
    /// The keys that lead here.
    #[must_use]
    pub fn whose(&self) -> Whose {
        Whose {
            initiative: self.initiative.key.clone(),
            framework: self.base.framework.key.clone(),
        }
    }

    /// The rows that it is about.
    #[must_use]
    pub fn of(&self) -> (InitiativeId, FrameworkId) {
        (self.initiative.id, self.base.framework.id)
    }

    /// Those that aren't put away.
    pub fn open(&self) -> impl Iterator<Item = &Scenario> {
        let all = self.scenarios.iter();
        all.filter(|scenario| scenario.put_away_at.is_none())
    }

    /// One of them.
    pub fn scenario(&self, id: MathModelId) -> Outcome<&Scenario> {
        let found = self.scenarios.iter().find(|scenario| scenario.id == id);
        found.ok_or(ActionError::NotFound("scenario"))
    }

    /// The one that drives the score; none: Base does.
    #[must_use]
    pub fn driver(&self) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.drives)
    }

    /// Why none can be made here yet; none: one can.
    #[must_use]
    pub fn why_none_yet(&self) -> Option<String> {
        let is_bare = self.base.is_shared() && self.params.is_empty();
        is_bare.then(|| {
            format!(
                "{} has no params by {} yet. Turn {} on there first.",
                self.initiative.key, self.base.framework.name, self.base.framework.name
            )
        })
    }

    /// Why no scenario can be chosen to drive now, whatever it lacks; none: nothing is in the way.
    #[must_use]
    pub fn why_none_drives(&self) -> Option<String> {
        let (key, framework) = (&self.initiative.key, &self.base.framework.name);
        (!self.is_on).then(|| {
            format!(
                "{framework} is off for {key}, so nothing is scored by it. Turn it on, on the page of {key}, then choose the scenario."
            )
        })
    }

    /// The params as a scenario (none: Base) has them.
    #[must_use]
    pub fn params_in(&self, scenario: Option<&Scenario>) -> Vec<Param> {
        match scenario {
            Some(scenario) => scenario.over(&self.params),
            None => self.params.clone(),
        }
    }

    /// What a scenario (none: Base) gives with today's values; none: something is missing.
    #[must_use]
    pub fn preview(&self, scenario: Option<&Scenario>) -> Option<Score> {
        let (_, text) = self.base.text_in(scenario)?;
        let formula = formula::cached(text).ok()?;
        let days = scores::effort_days(&self.initiative);
        scoring::preview(&formula, &self.params_in(scenario), days).ok()
    }

    /// What a scenario (none: Base) would be scored with for the record.
    ///
    /// # Errors
    /// Everything that is missing.
    pub fn score(&self, scenario: Option<&Scenario>) -> Result<Score, Vec<Missing>> {
        scoring::score(&Case {
            formula: &self.base.state_in(scenario),
            params: &self.params_in(scenario),
            effort_days: scores::effort_days(&self.initiative),
        })
    }
}
