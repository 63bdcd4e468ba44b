//! A model with all its scenarios, what each of them gives, and what stands above each of their pages.

use crate::{
    actions::{ActionError, math_models as models, scenarios as acts, scores},
    domain::{
        formula,
        ids::MathModelId,
        initiative::Initiative,
        math_model::{BASE, MathModel, ModelField},
        param::Param,
        scenario::{self, Scenario},
        scoring::{self, Case, Missing, Score},
    },
    store::{
        initiatives,
        math_models::page::place,
        params::{self, Which},
        scenarios::{self as store, Which as Scenarios},
    },
    web::{
        error::WebError,
        view::{Filter, FilterOption, Link, scenario::Head},
        visit::Visit,
    },
};

/// Everything that the pages of a model's scenarios are made of.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub(super) model: MathModel,
    pub(super) initiative: Initiative,
    pub(super) framework_name: String,
    /// Base's, those that the formula reads first.
    pub(super) params: Vec<Param>,
    /// In the order in which they were made; Base isn't among them.
    pub(super) scenarios: Vec<Scenario>,
}

/// Whose scenarios are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// Those of this model.
    Model(MathModelId),
    /// Those beside this one, and itself.
    Scenario(MathModelId),
}

/// Reads a model with all its scenarios: as many statements, however many there are.
pub(super) async fn load(visit: &Visit, of: Of) -> Result<Loaded, WebError> {
    let read = visit.db.read(async move |mut conn| {
        let id = match of {
            Of::Model(id) => id,
            Of::Scenario(id) => {
                let found = acts::get(&mut conn, id).await?;
                acts::model_of(&mut conn, &found).await?
            }
        };
        let model = models::get(&mut conn, id).await?;
        let place = place(&mut conn, id).await?;
        let place = place.ok_or(ActionError::NotFound("math model"))?;
        let initiative = initiatives::get(&mut conn, &place.key).await?;
        let of = (model.initiative_id, model.framework_id);
        let params = params::list(&mut conn, Which::Of(of.0, of.1)).await?;
        Ok::<_, ActionError>(Loaded {
            scenarios: store::list(&mut conn, Scenarios::Of(of.0, of.1)).await?,
            params: scenario::base(&params),
            initiative: initiative.ok_or(ActionError::NotFound("initiative"))?,
            framework_name: place.framework_name,
            model,
        })
    });
    Ok(read.await?)
}

impl Loaded {
    /// Those that aren't put away.
    pub(super) fn open(&self) -> impl Iterator<Item = &Scenario> {
        self.scenarios
            .iter()
            .filter(|scenario| scenario.put_away_at.is_none())
    }

    pub(super) fn scenario(&self, id: MathModelId) -> Result<&Scenario, WebError> {
        let found = self.scenarios.iter().find(|scenario| scenario.id == id);
        found.ok_or(WebError::NotFound("scenario"))
    }

    /// The params as a scenario (none: Base) has them.
    pub(super) fn params_in(&self, scenario: Option<&Scenario>) -> Vec<Param> {
        match scenario {
            Some(scenario) => scenario.over(&self.params),
            None => self.params.clone(),
        }
    }

    /// The model as a scenario (none: Base) has it.
    fn model_in(&self, scenario: Option<&Scenario>) -> MathModel {
        let base = &self.model;
        scenario.map_or_else(|| base.clone(), |scenario| scenario.over_model(base))
    }

    /// What it gives with today's values; none: something is missing.
    pub(super) fn preview(&self, scenario: Option<&Scenario>) -> Option<Score> {
        let model = self.model_in(scenario);
        let formula = formula::cached(&model.formula.as_ref()?.text).ok()?;
        let days = scores::effort_days(&self.initiative);
        scoring::preview(&formula, &self.params_in(scenario), days).ok()
    }

    /// What keeps it from a score for the record; empty: nothing.
    pub(super) fn missing(&self, scenario: Option<&Scenario>) -> Vec<Missing> {
        let case = Case {
            formula: &scores::formula_state(&self.model_in(scenario)),
            params: &self.params_in(scenario),
            effort_days: scores::effort_days(&self.initiative),
        };
        scoring::score(&case).err().unwrap_or_default()
    }

    pub(super) fn unit(&self) -> String {
        scores::value_unit(&self.model)
    }

    /// What stands above the page of `at` (a scenario's; none: another).
    pub(super) fn head(&self, at: Option<MathModelId>, is_comparison: bool) -> Head {
        let (initiative, model) = (&self.initiative, &self.model);
        let name = match model.text(ModelField::Name) {
            "" => "Model",
            name => name,
        };
        let mut bar = bar(model, self.open());
        for option in &mut bar.options {
            option.is_on = match at {
                Some(id) => option.href == format!("/scenarios/{id}"),
                None => is_comparison && option.href == comparison_href(model.id),
            };
        }
        Head {
            initiative: Link {
                label: format!("{} {}", initiative.key, initiative.title()),
                href: format!("/initiatives/{}", initiative.key),
            },
            model: Link {
                label: format!("{} · {name}", self.framework_name),
                href: format!("/math-models/{}", model.id),
            },
            bar,
        }
    }
}

pub(super) fn comparison_href(model: MathModelId) -> String {
    format!("/math-models/{model}/scenarios")
}

fn bar<'a>(model: &MathModel, open: impl Iterator<Item = &'a Scenario>) -> Filter {
    let option = |label: String, href: String, is_on| FilterOption { label, href, is_on };
    let drives = |label: &str, drives: bool| {
        let mark = if drives { " · drives the score" } else { "" };
        format!("{label}{mark}")
    };
    let base = drives(BASE, model.driver.is_none());
    let mut options = vec![option(base, format!("/math-models/{}", model.id), true)];
    options.extend(open.map(|scenario| {
        let label = drives(&scenario.label, scenario.drives);
        option(label, format!("/scenarios/{}", scenario.id), false)
    }));
    let more = if options.len() > 1 {
        "Compare, or make another"
    } else {
        "Make a scenario"
    };
    options.push(option(more.to_owned(), comparison_href(model.id), false));
    Filter {
        label: "Scenarios".to_owned(),
        options,
    }
}

/// The bar of a model's own page, which is Base's.
#[must_use]
pub fn bar_of(model: &MathModel, scenarios: &[Scenario]) -> Filter {
    let open = scenarios.iter().filter(|one| one.put_away_at.is_none());
    bar(model, open)
}
