//! The formula editor as one person sees it: what the box holds, where the saved text stands, and what saving and
//! approving would do.

use super::{check::check, effects};
use crate::{
    domain::{
        formula::{self, Formula},
        four_eyes::OwnHand,
        math_model::{FormulaVersion, MathModel},
        param::Param,
        rights::{Act, Refusal, Roles, may},
        settings::Settings,
    },
    web::{
        figures::when,
        four_eyes::approver_alone,
        view::{
            Seen,
            badge::{Badge, State},
            model::{ApprovalPanel, ApprovedVersion, Check, Editor, FormulaConflict, Line},
            model_copy::Reuse,
        },
        visit::Visit,
    },
};
use chrono::{DateTime, Utc};

/// What the editor is judged by, beside the model itself.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The params of the model's framework.
    pub params: &'a [Param],
    /// The initiative's own effort in days.
    pub effort_days: Option<f64>,
    /// The last recorded value with its unit, current or stale.
    pub recorded: Option<(f64, String)>,
    /// The page that the forms return to.
    pub next: String,
}

/// Who looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub(super) name: &'a str,
    pub(super) roles: &'a Roles,
    pub(super) settings: Settings,
    /// What they did to the formula since it was last approved.
    pub(super) own: Option<OwnHand>,
}

impl<'a> Reader<'a> {
    fn of((visit, own): (&'a Visit, Option<OwnHand>)) -> Self {
        Self {
            name: &visit.user.name,
            roles: &visit.user.roles,
            settings: visit.settings,
            own,
        }
    }

    fn may(self, act: Act) -> Result<(), Refusal> {
        may(self.roles, act)
    }

    fn may_approve(self) -> Result<(), Refusal> {
        let Self { settings, own, .. } = self;
        self.may(Act::ApproveFormula { settings, own })
    }
}

/// The approval that was given last, whether it stands or not.
#[derive(Clone, Copy, Debug)]
pub struct LastApproval<'a> {
    /// Who gave it.
    pub by: &'a str,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether a person took it back; otherwise it fell with a later version.
    pub was_taken_back: bool,
}

fn short(refusal: Option<Refusal>) -> String {
    refusal.map(|refusal| refusal.short()).unwrap_or_default()
}

/// The editor, with this person's private draft in its box if they have one. `viewer`: who looks, and what they did to
/// the formula since it was last approved.
#[must_use]
pub fn editor(
    model: &MathModel,
    facts: &Facts<'_>,
    viewer: (&Visit, Option<OwnHand>),
    draft: Option<(String, DateTime<Utc>)>,
) -> Editor {
    editor_for(model, facts, Reader::of(viewer), draft)
}

pub(super) fn editor_for(
    model: &MathModel,
    facts: &Facts<'_>,
    reader: Reader<'_>,
    draft: Option<(String, DateTime<Utc>)>,
) -> Editor {
    let refusal = reader.may(Act::WriteModel).err();
    let saved = model.formula.as_ref();
    let saved_text = saved.map_or("", |saved| saved.text.as_str());
    let draft = draft.filter(|(text, _)| {
        refusal.is_none() && formula::normalise(text).trim() != saved_text.trim()
    });
    let text = draft.as_ref().map_or(saved_text, |(text, _)| text.as_str());
    let check = Check {
        can_write: refusal.is_none(),
        ..check(model, facts, text)
    };
    Editor {
        model_id: model.id.to_string(),
        next: facts.next.clone(),
        badge: badge(model),
        saved: saved
            .map(|v| format!("Version {}, saved by {}", v.version, v.saved_by_name))
            .unwrap_or_default(),
        saved_at: saved.map(|v| when(v.saved_at)),
        text: text.to_owned(),
        lines: if refusal.is_some() {
            lines(text, &check)
        } else {
            Vec::new()
        },
        can_write: refusal.is_none(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        draft: draft.as_ref().map(|(_, at)| when(*at)),
        save_note: save_note(model, facts),
        error: String::new(),
        conflict: draft
            .as_ref()
            .zip(saved)
            .and_then(|((_, at), v)| overtaken(*at, v, reader.name)),
        check,
        approval: approval(model, facts, reader),
        approved: approved(model, reader),
        renames: Vec::new(),
        reuse: Reuse::default(),
        seen: Seen {
            revision: model.revision,
            form_key: crate::web::sent_form::fresh_key(),
        },
    }
}

/// Puts what was typed and not taken back into the box.
pub(super) fn retype(editor: &mut Editor, model: &MathModel, facts: &Facts<'_>, typed: &str) {
    typed.clone_into(&mut editor.text);
    editor.check = Check {
        can_write: editor.can_write,
        ..check(model, facts, typed)
    };
    editor.draft = None;
    editor.conflict = None;
}

fn badge(model: &MathModel) -> Badge {
    match (&model.formula, &model.approval) {
        (None, _) => Badge::saying(State::Missing, "No formula"),
        (Some(_), Some(_)) => Badge::of(State::Approved),
        (Some(saved), None) if Formula::parse(&saved.text).is_err() => Badge::because(
            State::Draft,
            "The saved text has errors; it can’t be approved yet.",
        ),
        (Some(_), None) => Badge::of(State::NeedsApproval),
    }
}

/// The text's lines with their values, for people who only read.
fn lines(text: &str, check: &Check) -> Vec<Line> {
    let value = |number| check.lines.iter().find(|line| line.number == number);
    (1..)
        .zip(text.lines())
        .map(|(number, text)| Line {
            number,
            text: text.to_owned(),
            value: value(number)
                .map(|line| line.value.clone())
                .unwrap_or_default(),
        })
        .collect()
}

fn save_note(model: &MathModel, facts: &Facts<'_>) -> String {
    let (Some(saved), Some(_)) = (&model.formula, &model.approval) else {
        return String::new();
    };
    let stale = if facts.recorded.is_some() {
        "; the last score then stands as stale"
    } else {
        ""
    };
    format!(
        "Saving another text withdraws the approval of version {}{stale}.",
        saved.version
    )
}

/// Somebody else saved a version after this draft was kept.
fn overtaken(kept: DateTime<Utc>, saved: &FormulaVersion, reader: &str) -> Option<FormulaConflict> {
    (kept < saved.saved_at && saved.saved_by_name != reader).then(|| FormulaConflict {
        by: saved.saved_by_name.clone(),
        at: when(saved.saved_at),
        version: saved.version,
        theirs: saved.text.clone(),
    })
}

fn approval(model: &MathModel, facts: &Facts<'_>, reader: Reader<'_>) -> Option<ApprovalPanel> {
    let saved = model
        .formula
        .as_ref()
        .filter(|_| model.approval.is_none())?;
    let panel = ApprovalPanel {
        version: saved.version,
        ..ApprovalPanel::default()
    };
    let formula = match Formula::parse(&saved.text) {
        Ok(formula) => formula,
        Err(errors) => {
            let first = errors
                .first()
                .map(|e| format!(" Line {}: {}", e.line, e.message()));
            let why_not = format!("It can’t be approved yet.{}", first.unwrap_or_default());
            return Some(ApprovalPanel { why_not, ..panel });
        }
    };
    let refusal = reader.may_approve().err();
    Some(ApprovalPanel {
        effects: effects::of_approving(&formula, facts, model),
        can_approve: refusal.is_none(),
        why_not: short(refusal),
        ..panel
    })
}

fn approved(model: &MathModel, reader: Reader<'_>) -> Option<ApprovedVersion> {
    let (saved, approval) = (model.formula.as_ref()?, model.approval.as_ref()?);
    let refusal = reader.may(Act::WithdrawFormulaApproval).err();
    Some(ApprovedVersion {
        version: saved.version,
        by: approver_alone(&approval.by_name, approval.origin, reader.settings),
        at: when(approval.at),
        is_current: true,
        can_act: refusal.is_none(),
        why_not: short(refusal),
        effect: "The last score then stands as stale.".to_owned(),
    })
}

/// Offers the way back to the text that was approved last, when another one is saved now. Who approved it and when
/// is [`crate::store::approvals::latest_of_formula`]; the model alone doesn't know.
pub fn offer_way_back(
    editor: &mut Editor,
    model: &MathModel,
    viewer: (&Visit, Option<OwnHand>),
    last: LastApproval<'_>,
) {
    if editor.approved.is_none() {
        editor.approved = way_back(model, Reader::of(viewer), last);
    }
}

fn way_back(
    model: &MathModel,
    reader: Reader<'_>,
    LastApproval {
        by,
        at,
        was_taken_back,
    }: LastApproval<'_>,
) -> Option<ApprovedVersion> {
    let saved = model.formula.as_ref()?;
    let last = model
        .last_approved
        .as_ref()
        .filter(|last| last.text != saved.text)?;
    // What a person took back holds again only by a new look.
    let refusal = reader
        .may(Act::ReinstateFormula)
        .err()
        .or_else(|| was_taken_back.then(|| reader.may_approve().err()).flatten());
    Some(ApprovedVersion {
        version: last.version,
        by: by.to_owned(),
        at: when(at),
        is_current: false,
        can_act: refusal.is_none(),
        why_not: short(refusal),
        effect: format!(
            "Saves its text as version {}, and the approval by {by} holds again.",
            model.next_version()
        ),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::{
        approval::{Approval, Origin},
        four_eyes::tests::changed_value,
        ids::{ApprovalId, FormulaVersionId, FrameworkId, InitiativeId, MathModelId, UserId},
        param::tests::approved_param,
        rights::Role,
        settings::FourEyes,
    };

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn version(number: i32, text: &str) -> FormulaVersion {
        FormulaVersion {
            id: FormulaVersionId(i64::from(number)),
            version: number,
            text: text.to_owned(),
            saved_by_name: "Bo".to_owned(),
            saved_at: minute(10),
        }
    }

    /// A model whose value is in pounds, with this text saved as version 2 and not approved.
    pub(in crate::web::math_models) fn model(text: Option<&str>) -> MathModel {
        MathModel {
            id: MathModelId(7),
            initiative_id: InitiativeId(1),
            framework_id: FrameworkId(1),
            scenario_label: "Base".to_owned(),
            revision: 5,
            texts: ["Name", "", "", "£", "", ""].map(str::to_owned),
            formula: text.map(|text| version(2, text)),
            versions: if text.is_some() { 2 } else { 0 },
            approval: None,
            last_approved: None,
            driver: None,
        }
    }

    fn approve(mut model: MathModel) -> MathModel {
        model.approval = Some(Approval {
            id: ApprovalId(1),
            by: UserId(1),
            by_name: "Ada".to_owned(),
            at: minute(11),
            origin: Origin::Person,
        });
        model
    }

    fn reader(roles: &Roles) -> Reader<'_> {
        Reader {
            name: "Priya",
            roles,
            settings: Settings::default(),
            own: None,
        }
    }

    fn seen_by(role: Role, model: &MathModel, draft: Option<(&str, i64)>) -> Editor {
        let params = [approved_param("a", "2")];
        let facts = Facts {
            params: &params,
            effort_days: None,
            recorded: Some((2.0, "£".to_owned())),
            next: "/math-models/7".to_owned(),
        };
        let roles = Roles::new([role]);
        let reader = reader(&roles);
        editor_for(
            model,
            &facts,
            reader,
            draft.map(|(text, at)| (text.to_owned(), minute(at))),
        )
    }

    #[test]
    fn the_box_holds_the_private_draft_unless_it_says_what_is_saved() {
        let model = model(Some("value = a"));
        for (draft, text, is_draft) in [
            (None, "value = a", false),
            (Some(("value = a * 2", 20)), "value = a * 2", true),
            (Some(("value = a\r\n", 20)), "value = a", false),
        ] {
            let editor = seen_by(Role::Pm, &model, draft);
            assert_eq!(
                (editor.text.as_str(), editor.draft.is_some()),
                (text, is_draft),
                "{draft:?}"
            );
            assert_eq!(editor.conflict, None);
        }
    }

    #[test]
    fn a_draft_older_than_somebody_elses_version_shows_theirs_beside_it() {
        let editor = seen_by(
            Role::Pm,
            &model(Some("value = a")),
            Some(("value = a * 2", 5)),
        );
        let conflict = editor.conflict.unwrap();
        assert_eq!((conflict.by.as_str(), conflict.version), ("Bo", 2));
        assert_eq!(
            (conflict.theirs.as_str(), editor.text.as_str()),
            ("value = a", "value = a * 2")
        );
    }

    #[test]
    fn where_the_text_stands_decides_which_acts_are_offered() {
        let saved = model(Some("value = a"));
        let cases = [
            (Role::Pm, model(None), State::Missing, None, None),
            (
                Role::Pm,
                model(Some("value = ")),
                State::Draft,
                Some(false),
                None,
            ),
            (
                Role::Pm,
                saved.clone(),
                State::NeedsApproval,
                Some(true),
                None,
            ),
            (
                Role::Finance,
                saved.clone(),
                State::NeedsApproval,
                Some(false),
                None,
            ),
            (
                Role::Pm,
                approve(saved.clone()),
                State::Approved,
                None,
                Some(true),
            ),
            (
                Role::Viewer,
                approve(saved),
                State::Approved,
                None,
                Some(false),
            ),
        ];
        for (role, model, badge, can_approve, can_withdraw) in cases {
            let editor = seen_by(role, &model, None);
            let case = format!("{role:?} {:?}", model.formula);
            assert_eq!(editor.badge.state, badge, "{case}");
            assert_eq!(
                editor.approval.map(|panel| panel.can_approve),
                can_approve,
                "{case}"
            );
            assert_eq!(
                editor.approved.map(|approved| approved.can_act),
                can_withdraw,
                "{case}"
            );
        }
    }

    #[test]
    fn who_only_reads_sees_lines_with_values_and_who_may_write() {
        let editor = seen_by(
            Role::Eng,
            &model(Some("x = a\nvalue = x * 2")),
            Some(("other", 20)),
        );
        assert!(!editor.can_write);
        assert_eq!(
            editor.why_not,
            "Only a PM or an admin can write math models."
        );
        let lines: Vec<_> = editor
            .lines
            .iter()
            .map(|l| (l.number, l.value.as_str()))
            .collect();
        assert_eq!(lines, [(1, "2"), (2, "4")]);
    }

    #[test]
    fn saving_over_an_approved_text_says_beforehand_what_it_withdraws() {
        let model = model(Some("value = a"));
        assert_eq!(seen_by(Role::Pm, &model, None).save_note, "");
        assert_eq!(
            seen_by(Role::Pm, &approve(model), None).save_note,
            "Saving another text withdraws the approval of version 2; the last score then stands as stale."
        );
    }

    #[test]
    fn the_way_back_is_offered_only_when_another_text_is_saved_now() {
        let roles = Roles::new([Role::Pm]);
        let reader = reader(&roles);
        let last = LastApproval {
            by: "Ada",
            at: minute(11),
            was_taken_back: false,
        };
        let mut model = model(Some("value = a * 2"));
        assert_eq!(way_back(&model, reader, last), None);
        model.last_approved = Some(version(1, "value = a"));
        let back = way_back(&model, reader, last).unwrap();
        assert_eq!(
            (back.version, back.is_current, back.can_act),
            (1, false, true)
        );
        assert_eq!(
            back.effect,
            "Saves its text as version 3, and the approval by Ada holds again."
        );
        let all = Reader {
            settings: Settings {
                four_eyes: FourEyes::All,
                ..Settings::default()
            },
            own: Some(changed_value(false)),
            ..reader
        };
        assert!(way_back(&model, all, last).unwrap().can_act);
        let taken_back = LastApproval {
            was_taken_back: true,
            ..last
        };
        let barred = way_back(&model, all, taken_back).unwrap();
        assert!(!barred.can_act && barred.why_not.contains("somebody else"));
        assert!(way_back(&model, reader, taken_back).unwrap().can_act);
        model.last_approved = model.formula.clone();
        assert_eq!(way_back(&model, reader, last), None);
    }
}
