//! What a question to the LLM is about, and its fingerprint: an answer whose inputs have another one by now is stale.
//!
//! Never in here: who asked for an initiative and their address, values of params, people's comments.

use super::{
    initiative::{FIELDS, Initiative},
    math_model::{MathModel, ModelField},
};
use sha2::{Digest as _, Sha256};

/// The fields of an initiative that the LLM reads.
pub const READ: [&str; 13] = [
    "title",
    "problem_statement",
    "hypothesis",
    "desired_outcome",
    "initiative_type",
    "country",
    "product_area",
    "customer_segment",
    "impact_metric",
    "impact_unit",
    "impact_description",
    "immediate_kpi_key",
    "target_kpi",
];

/// How much of one text is sent, in characters.
const LONGEST: usize = 4_000;

/// A fingerprint: equal for equal inputs.
pub type Fingerprint = [u8; 32];

/// A named text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What people call it.
    pub name: String,
    /// Never empty.
    pub text: String,
}

/// What is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// What makes an answer stale when it changes: the initiative, the description, the prompt.
    pub about: Vec<Named>,
    /// What is sent besides: the current formula, what was refused and why.
    pub besides: Vec<Named>,
    /// Of params: their names, in the formula's order.
    pub names: Vec<String>,
}

impl Inputs {
    /// An initiative's own texts.
    #[must_use]
    pub fn of_initiative(initiative: &Initiative) -> Self {
        let mut inputs = Self::default();
        for field in FIELDS.iter().filter(|field| READ.contains(&field.key)) {
            push(&mut inputs.about, field.label, initiative.get(field.key));
        }
        inputs
    }

    /// For a suggestion: the initiative, how its value should be modelled, and what there is already.
    #[must_use]
    pub fn for_suggestion(initiative: &Initiative, model: &MathModel, refused: &[Refused]) -> Self {
        let mut inputs = Self::of_initiative(initiative);
        for field in [ModelField::Description, ModelField::Prompt] {
            push(&mut inputs.about, field.label(), model.text(field));
        }
        inputs.with_formula(model);
        for one in refused {
            push(&mut inputs.besides, "Refused formula", &one.formula);
            push(&mut inputs.besides, "Why it was refused", &one.why);
        }
        inputs
    }

    /// For what params mean: the initiative, the formula and the names that are asked about.
    #[must_use]
    pub fn for_metadata(initiative: &Initiative, model: &MathModel, names: Vec<String>) -> Self {
        let mut inputs = Self::of_initiative(initiative);
        push(
            &mut inputs.about,
            ModelField::Description.label(),
            model.text(ModelField::Description),
        );
        inputs.with_formula(model);
        inputs.names = names;
        inputs
    }

    /// For a summary: the initiative and its approved formula with what stands behind it.
    #[must_use]
    pub fn for_summary(initiative: &Initiative, model: Option<&MathModel>) -> Self {
        let mut inputs = Self::of_initiative(initiative);
        if let Some(model) = model {
            let approved = model.formula.as_ref().filter(|_| model.approval.is_some());
            let text = approved.map_or("", |formula| &formula.text);
            push(&mut inputs.about, "Approved formula", text);
            let assumptions = model.text(ModelField::Assumptions);
            push(
                &mut inputs.about,
                ModelField::Assumptions.label(),
                assumptions,
            );
        }
        inputs
    }

    /// For a second opinion on a formula.
    #[must_use]
    pub fn for_review(initiative: &Initiative, model: &MathModel, formula: &str) -> Self {
        let mut inputs = Self::of_initiative(initiative);
        for field in [ModelField::Description, ModelField::Assumptions] {
            push(&mut inputs.about, field.label(), model.text(field));
        }
        push(&mut inputs.about, "Formula", formula);
        inputs
    }

    fn with_formula(&mut self, model: &MathModel) {
        let text = model.formula.as_ref().map_or("", |formula| &formula.text);
        push(&mut self.besides, "Current formula", text);
    }

    /// Of what makes an answer stale. Lengths before texts, so that no two inputs read alike.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        for Named { name, text } in &self.about {
            for part in [name, text] {
                hash.update(part.len().to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().into()
    }

    /// How many bytes are sent.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let texts = self.about.iter().chain(&self.besides);
        let texts: usize = texts.map(|one| one.name.len() + one.text.len() + 8).sum();
        texts + self.names.iter().map(|name| name.len() + 4).sum::<usize>()
    }
}

/// A suggestion that a person refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its formula.
    pub formula: String,
    /// The reason, in the person's words.
    pub why: String,
}

fn push(to: &mut Vec<Named>, name: &str, text: &str) {
    let text: String = text.trim().chars().take(LONGEST).collect();
    if !text.is_empty() {
        to.push(Named {
            name: name.to_owned(),
            text,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::{FrameworkId, InitiativeId, MathModelId},
        initiative::Field,
    };

    fn initiative(texts: &[(&str, &str)]) -> Initiative {
        let texts: Vec<_> = texts
            .iter()
            .map(|(key, text)| (*key, (*text).to_owned()))
            .collect();
        Initiative::for_scoring(InitiativeId(1), "INIT-1".parse().unwrap(), &texts, None)
    }

    fn model(texts: [&str; 6]) -> MathModel {
        MathModel {
            id: MathModelId(1),
            initiative_id: InitiativeId(1),
            framework_id: FrameworkId(1),
            scenario_label: "Base".into(),
            revision: 1,
            texts: texts.map(str::to_owned),
            formula: None,
            versions: 0,
            approval: None,
            last_approved: None,
            driver: None,
        }
    }

    #[test]
    fn every_field_that_is_read_is_one_and_none_names_a_person() {
        for key in READ {
            assert!(Field::from_key(key).is_some(), "{key}");
        }
        let asked = initiative(&[
            ("title", "Fewer tickets"),
            ("requester_name", "Nadia"),
            ("requester_email", "nadia@example.com"),
        ]);
        let names: Vec<_> = Inputs::of_initiative(&asked)
            .about
            .into_iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(names, ["Title"]);
    }

    #[test]
    fn description_and_prompt_move_the_fingerprint_and_refusals_don_t() {
        let (asked, plain) = (
            initiative(&[("title", "T")]),
            model(["n", "d", "p", "", "", ""]),
        );
        let of = |model: &MathModel, refused: &[Refused]| {
            Inputs::for_suggestion(&asked, model, refused).fingerprint()
        };
        let before = of(&plain, &[]);
        assert_eq!(
            before,
            of(&model(["other name", "d", "p", "£", "a", "n"]), &[])
        );
        assert_ne!(before, of(&model(["n", "d2", "p", "", "", ""]), &[]));
        assert_ne!(before, of(&model(["n", "d", "p2", "", "", ""]), &[]));
        let refused = Refused {
            formula: "a * b".into(),
            why: "No churn in it".into(),
        };
        assert_eq!(before, of(&plain, &[refused]));
    }

    #[test]
    fn a_text_is_sent_only_so_far() {
        let long = "x".repeat(50_000);
        let inputs = Inputs::of_initiative(&initiative(&[("title", "T"), ("hypothesis", &long)]));
        assert!(inputs.bytes() < LONGEST + 100);
    }
}
