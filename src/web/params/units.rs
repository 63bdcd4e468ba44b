//! The units that are offered while one types: those of the initiative first, then common ones. Any other is taken too.

use crate::{
    domain::ids::InitiativeId,
    store::params,
    web::{
        error::WebError,
        view::field::{Control, Edit},
        visit::Visit,
    },
};

/// Units that most models have.
pub(super) const COMMON: [&str; 12] = [
    "%",
    "£",
    "€",
    "$",
    "£ per order",
    "£ per month",
    "months",
    "days",
    "hours",
    "orders",
    "visits",
    "people",
];

/// Puts the offers into a unit's form.
pub(super) async fn offer(
    visit: &Visit,
    form: &mut Edit,
    initiative: InitiativeId,
) -> Result<(), WebError> {
    let Control::Line { choices, .. } = &mut form.control else {
        return Ok(());
    };
    let read = visit
        .db
        .read(async move |mut conn| params::units(&mut conn, initiative).await);
    *choices = with_common(read.await?);
    Ok(())
}

fn with_common(mut used: Vec<String>) -> Vec<String> {
    let is_new = |unit: &&str| !used.iter().any(|known| known == unit);
    let common: Vec<_> = COMMON.iter().copied().filter(is_new).collect();
    used.extend(common.into_iter().map(str::to_owned));
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_initiative_uses_comes_first_and_nothing_twice() {
        let offered = with_common(vec!["visits per week".to_owned(), "£".to_owned()]);
        assert_eq!(offered[..3], ["visits per week", "£", "%"]);
        assert_eq!(offered.len(), COMMON.len() + 1);
    }
}
