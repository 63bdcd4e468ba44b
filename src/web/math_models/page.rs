//! A model's own page: everything it reads, and the page as one person sees it.

use super::{
    carry_over::offer_renames,
    editor::{Facts, LastApproval, editor, offer_way_back},
    fields::{self, fields},
    reuse::{links, offer_reuse},
};
use crate::{
    actions::scores::effort_days,
    domain::{
        four_eyes::OwnHand,
        framework::MATH_MODEL,
        ids::MathModelId,
        initiative::Initiative,
        math_model::{FormulaVersion, MathModel, ModelField},
        param::Param,
        rights::Act,
        scenario::{Scenario, Whose},
    },
    store::{
        db::Conn,
        history::Subject,
        initiatives,
        math_models::{self, Which, page::Place, page::VersionApproval},
        model_templates::{self, Beside},
        params,
        renames::{self, Candidates},
        scenarios,
        scores::{self, RecordedScore},
    },
    web::{
        asking::Desk,
        diff,
        error::WebError,
        figures::{day, when},
        four_eyes,
        scenarios::bar_of,
        suggestions,
        view::{
            Link,
            layout::Nav,
            model::{Show, Version},
            suggestion,
        },
        visit::Visit,
    },
};

use std::fmt::Write as _;

/// A model with everything around it that its page shows.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub(super) model: MathModel,
    place: Place,
    initiative: Initiative,
    params: Vec<Param>,
    recorded: Option<RecordedScore>,
    /// The reader’s draft, and what templates have to do with the model.
    beside: Beside,
    versions: Vec<FormulaVersion>,
    approvals: Vec<VersionApproval>,
    /// What the formula's latest approval dropped and added.
    renames: Candidates,
    /// What the reader did to the formula since it was last approved.
    own: Option<OwnHand>,
    /// Beside Base, also those that are put away.
    scenarios: Vec<Scenario>,
}

/// Reads the page of a model.
pub async fn load(visit: &Visit, id: MathModelId) -> Result<Loaded, WebError> {
    let (user, own) = (visit.user.id, four_eyes::in_formula(visit, id).await?);
    let found = visit
        .db
        .read(
            async move |mut conn: Conn| -> sqlx::Result<Option<Loaded>> {
                let Some(model) = math_models::get(&mut conn, Which::Id(id)).await? else {
                    return Ok(None);
                };
                let Some(place) = math_models::page::place(&mut conn, id).await? else {
                    return Ok(None);
                };
                let Some(initiative) = initiatives::get(&mut conn, &place.key).await? else {
                    return Ok(None);
                };
                let of = params::Which::Of(model.initiative_id, model.framework_id);
                let standings = scores::standings(&mut conn, model.initiative_id).await?;
                let standing = standings
                    .into_iter()
                    .find(|s| s.framework_id == model.framework_id);
                let params = params::list(&mut conn, of).await?;
                let beside = scenarios::Which::Of(model.initiative_id, model.framework_id);
                Ok(Some(Loaded {
                    recorded: standing.and_then(|standing| standing.score),
                    beside: model_templates::beside(&mut conn, id, user).await?,
                    versions: math_models::list_versions(&mut conn, id).await?,
                    approvals: math_models::page::list_approvals(&mut conn, id).await?,
                    renames: renames::candidates_among(&mut conn, &model, &params).await?,
                    scenarios: scenarios::list(&mut conn, beside).await?,
                    params,
                    model,
                    place,
                    initiative,
                    own,
                }))
            },
        )
        .await?;
    found.ok_or(WebError::NotFound("math model"))
}

impl Loaded {
    /// The model itself.
    #[must_use]
    pub fn model(&self) -> &MathModel {
        &self.model
    }

    /// What the editor is judged by.
    #[must_use]
    pub fn facts(&self, next: &str) -> Facts<'_> {
        Facts {
            params: &self.params,
            effort_days: effort_days(&self.initiative),
            recorded: self
                .recorded
                .as_ref()
                .map(|s| (s.value, s.value_unit.clone())),
            next: next.to_owned(),
        }
    }

    /// What a field's own edit page says it belongs to.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{} {}", self.place.key, self.initiative.title())
    }

    /// Where one's last act is looked for: what is done to a model moves its initiative.
    pub(super) fn history(&self) -> Subject {
        Subject::Initiative(self.place.key.to_string())
    }

    /// How the LLM's suggestion stands to the model, on the initiative's page or on the model's own.
    pub(super) async fn panel(
        &self,
        visit: &Visit,
        is_on_initiative: bool,
    ) -> Result<suggestion::Panel, WebError> {
        let next = if is_on_initiative {
            format!("/initiatives/{}", self.place.key)
        } else {
            format!("/math-models/{}", self.model.id)
        };
        let desk = Desk::load(visit, self.model.initiative_id).await?;
        let said = suggestions::load((visit, &desk), &self.model).await?;
        let facts = self.facts(&next);
        Ok(suggestions::panel(
            (visit, &desk),
            &self.model,
            &facts,
            &said,
        ))
    }

    /// The page; its forms return to `next`.
    pub(super) async fn page(&self, visit: &Visit, next: &str) -> Result<Show, WebError> {
        let (model, key) = (&self.model, &self.place.key);
        let (viewer, facts) = ((visit, self.own), self.facts(next));
        let desk = Desk::load(visit, model.initiative_id).await?;
        let said = suggestions::load((visit, &desk), model).await?;
        let mut editor = editor(model, &facts, viewer, self.beside.draft.clone());
        offer_reuse(&mut editor, visit, (key, model), &self.beside);
        offer_renames(&mut editor, visit, self.renames.clone());
        if let Some(latest) = self.approvals.first() {
            let last = LastApproval {
                by: &latest.by_name,
                at: latest.at,
                was_taken_back: latest.was_taken_back,
            };
            offer_way_back(&mut editor, model, viewer, last);
        }
        let place = format!("{} · {}", self.place.framework_name, model.scenario_label);
        let name = model.text(ModelField::Name);
        let name = if name.is_empty() {
            format!("Model of {key}")
        } else {
            name.to_owned()
        };
        let mut page = visit.page(name.clone(), Nav::Models);
        next.clone_into(&mut page.path);
        Ok(Show {
            page,
            name,
            initiative: Link {
                label: self.subject(),
                href: format!("/initiatives/{key}"),
            },
            place,
            scenarios: bar_of(
                &Whose {
                    initiative: self.place.key.clone(),
                    framework: MATH_MODEL.to_owned(),
                },
                model,
                &self.scenarios,
            ),
            driver_note: model
                .driver
                .as_ref()
                .map(|driver| {
                    let label = &driver.label;
                    if driver.has_formula {
                        return format!("Scenario {label} drives the score by a formula of its own: Base’s, here, doesn’t count until it is followed again.");
                    }
                    format!("Scenario {label} drives the score, so results here are computed with its values where it sets its own.")
                })
                .unwrap_or_default(),
            reuse_links: links(visit, (key, model), self.beside.template_name.is_some()),
            template_name: self.beside.template_name.clone().unwrap_or_default(),
            editor,
            suggestion: suggestions::panel((visit, &desk), model, &facts, &said),
            thread: None,
            fields: fields(model, visit, &said),
            unit_proposal: fields::unit_proposal(model, &self.params, (visit, &said), next),
            versions: self.versions(visit.may(Act::WriteModel).is_ok()),
        })
    }

    fn versions(&self, can_write: bool) -> Vec<Version> {
        let current = self.model.formula.as_ref().map(|current| current.id);
        self.versions
            .iter()
            .enumerate()
            .map(|(at, version)| {
                let older = self.versions.get(at + 1);
                let is_current = current == Some(version.id);
                let approval = self.approvals.iter().find(|a| a.version == version.id);
                Version {
                    number: version.version,
                    by: version.saved_by_name.clone(),
                    at: when(version.saved_at),
                    text: version.text.clone(),
                    changes: diff::against(older.map(|older| older.text.as_str()), &version.text),
                    remark: self.remark(version, approval),
                    is_current,
                    can_restore: can_write && !is_current,
                }
            })
            .collect()
    }
}

impl Loaded {
    /// Where a version came from, and what became of its latest approval.
    fn remark(&self, version: &FormulaVersion, approval: Option<&VersionApproval>) -> String {
        let from = self
            .beside
            .origins
            .iter()
            .find(|from| from.of == version.id);
        let from = from.map(|from| from.origin.to_string());
        let parts: Vec<_> = from.into_iter().chain(approval.map(remark)).collect();
        parts.join(" · ")
    }
}

/// What became of a version's latest approval.
fn remark(approval: &VersionApproval) -> String {
    let mut remark = format!("approved by {}, {}", approval.by_name, day(approval.at));
    if let Some((by, at)) = approval
        .withdrawn_by_name
        .as_ref()
        .zip(approval.withdrawn_at)
    {
        let _ = write!(remark, "; approval withdrawn by {by}, {}", day(at));
    }
    remark
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::FormulaVersionId;
    use chrono::DateTime;

    #[test]
    fn a_version_says_who_approved_it_and_who_took_that_back() {
        let mut approval = VersionApproval {
            version: FormulaVersionId(1),
            by_name: "Bo".to_owned(),
            at: DateTime::UNIX_EPOCH,
            withdrawn_by_name: None,
            withdrawn_at: None,
            was_taken_back: false,
        };
        assert_eq!(remark(&approval), "approved by Bo, 1 Jan 1970");
        approval.withdrawn_by_name = Some("Ada".to_owned());
        approval.withdrawn_at = Some(DateTime::UNIX_EPOCH);
        assert_eq!(
            remark(&approval),
            "approved by Bo, 1 Jan 1970; approval withdrawn by Ada, 1 Jan 1970"
        );
    }
}
