//! What the pages of params say once, for all rows: what this person can't do anywhere on them, and which settings hold.
//!
//! Knows rights and settings. Must not know rows.

use super::fields::Reader;
use crate::{
    domain::{
        param::Source,
        rights::{Act, Role, may},
        settings::FourEyes,
    },
    web::visit::Visit,
};

/// The notes for whoever asks; none: they may everything, and nothing is set.
#[must_use]
pub fn notes(visit: &Visit) -> Vec<String> {
    for_reader(Reader::of(visit))
}

fn for_reader(Reader { roles, settings }: Reader<'_>) -> Vec<String> {
    let refusal = may(roles, Act::EditParam).err();
    let mut notes: Vec<_> = refusal.map(|refusal| refusal.short()).into_iter().collect();
    let finances = Act::ApproveParam {
        source: Some(Source::Finance),
        settings,
        own: None,
    };
    if !roles.has(Role::Pm) {
        notes.push(
            "A param is approved, and its approval withdrawn, by whoever owns it, a PM or an admin."
                .to_owned(),
        );
    }
    if settings.finance_approves_own && may(roles, finances).is_err() {
        notes.push(
            "Finance-owned params are approved, and given to another owner, by Finance only."
                .to_owned(),
        );
    }
    let watched = match settings.four_eyes {
        FourEyes::Off => return notes,
        FourEyes::Finance => " for Finance-owned params",
        FourEyes::All => "",
    };
    notes.push(format!(
        "Four-eyes is on{watched}: nobody approves what they changed themselves. It didn’t look at approvals that came by import."
    ));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{rights::Roles, settings::Settings};

    #[test]
    fn each_person_reads_what_they_can_t_do_and_what_is_set() {
        let count = |role, settings| {
            let roles = Roles::new([role]);
            let roles = &roles;
            for_reader(Reader { roles, settings }).len()
        };
        let off = Settings::default();
        let on = Settings {
            four_eyes: FourEyes::Finance,
            finance_approves_own: true,
            ..off
        };
        for (role, while_off, while_on) in [
            (Role::Viewer, 2, 4),
            (Role::Eng, 1, 3),
            (Role::Finance, 1, 2),
            (Role::Pm, 0, 2),
            (Role::Admin, 0, 2),
        ] {
            assert_eq!(count(role, off), while_off, "{role:?}");
            assert_eq!(count(role, on), while_on, "{role:?}");
        }
    }
}
