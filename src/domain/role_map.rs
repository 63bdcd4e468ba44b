//! Which groups of an identity provider make somebody what. Groups are the provider's, roles are ours.

use super::rights::{Role, Roles};

/// Role beside group, as configured: `pm=product,finance=fin-team`. A role may stand several times, a group too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleMap(Vec<(Role, String)>);

impl RoleMap {
    /// From its text.
    ///
    /// # Errors
    /// A sentence about the first pair that is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let pairs = text
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty());
        let read = pairs.map(|pair| {
            let (role, group) = pair.split_once('=').ok_or_else(|| {
                format!("{pair:?} must be a role, = and a group, like pm=product")
            })?;
            let role: Role = role.trim().parse()?;
            let group = group.trim();
            if group.is_empty() {
                return Err(format!("{pair:?} names no group"));
            }
            Ok((role, group.to_owned()))
        });
        read.collect::<Result<_, _>>().map(Self)
    }

    /// What somebody with these groups is: every role that any of them gives.
    #[must_use]
    pub fn roles(&self, groups: &[String]) -> Roles {
        let given = self.0.iter().filter(|(_, group)| groups.contains(group));
        Roles::new(given.map(|(role, _)| *role))
    }

    /// The groups that count, each once.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let mut groups: Vec<_> = self.0.iter().map(|(_, group)| group.clone()).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_that_counts_adds_its_roles() {
        let map = RoleMap::parse("pm=product, finance = fin-team,pm=leads,eng=product").unwrap();
        for (groups, roles) in [
            (vec!["product"], vec![Role::Eng, Role::Pm]),
            (vec!["leads", "fin-team"], vec![Role::Finance, Role::Pm]),
            (vec!["Product", "elsewhere"], vec![]),
            (vec![], vec![]),
        ] {
            let groups: Vec<_> = groups.into_iter().map(str::to_owned).collect();
            assert_eq!(map.roles(&groups), Roles::new(roles), "{groups:?}");
        }
        assert_eq!(map.groups(), ["fin-team", "leads", "product"]);
    }

    #[test]
    fn what_is_no_role_or_no_group_is_refused() {
        for text in ["product", "boss=product", "pm="] {
            assert!(RoleMap::parse(text).is_err(), "{text}");
        }
        assert_eq!(RoleMap::parse(" "), Ok(RoleMap::default()));
    }
}
