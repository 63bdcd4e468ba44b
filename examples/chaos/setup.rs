//! The people, and three initiatives of their own to work on, made through the pages.

use super::person::Person;
use anyhow::{Context as _, ensure};
use productops::{domain::rights::Role, store::users::SAMPLE_PEOPLE};

/// What is worked on.
#[derive(Debug)]
pub(crate) struct Scene {
    /// Keys with their models.
    pub(crate) initiatives: Vec<(String, i64)>,
    /// Rows of their params.
    pub(crate) params: Vec<i64>,
    editors: Vec<&'static str>,
}

impl Scene {
    pub(crate) fn may_edit_initiatives(&self, name: &str) -> bool {
        self.editors.contains(&name)
    }
}

fn named(roles: &[Role]) -> Vec<&'static str> {
    let people = SAMPLE_PEOPLE.iter();
    people
        .filter(|person| roles.contains(&person.role))
        .map(|person| person.name)
        .collect()
}

/// Everybody who may change something; the PM first.
pub(crate) async fn people(base: &str) -> anyhow::Result<Vec<Person>> {
    let mut people = Vec::new();
    for role in [
        Role::Pm,
        Role::Analytics,
        Role::Finance,
        Role::Eng,
        Role::Admin,
    ] {
        for name in named(&[role]) {
            people.push(Person::sign_in(base, name).await?);
        }
    }
    Ok(people)
}

/// Makes the initiatives, each with an approved formula of four params, owned by one source each.
pub(crate) async fn scene(base: &str) -> anyhow::Result<Scene> {
    let admin = named(&[Role::Admin]);
    let admin = Person::sign_in(base, admin.first().context("an admin")?).await?;
    let mut scene = Scene {
        initiatives: Vec::new(),
        params: Vec::new(),
        editors: named(&[Role::Pm, Role::Admin]),
    };
    for key in ["CHAOS-1", "CHAOS-2", "CHAOS-3"] {
        let page = format!("/initiatives/{key}");
        let typed = [
            ("key", key),
            ("title", "Chaos"),
            ("active_framework", "MATH_MODEL"),
        ];
        send(
            &admin,
            base,
            "/initiatives/new",
            "form[action='/initiatives']",
            &typed,
        )
        .await?;
        let formula = [("formula", "value = a * b + c * d")];
        let write = send(&admin, base, &page, "form.write", &formula).await?;
        let model = write.split('/').nth(2).context("a model")?.parse()?;
        let approval = "form[action$='/approval']:has([name=formula_version])";
        send(&admin, base, &page, approval, &[]).await?;
        let (_, html) = admin.get(base, &page, false).await?;
        let rows = html.split("<tr id=\"param-").skip(1);
        let rows: Vec<i64> = rows
            .filter_map(|rest| rest.split('"').next()?.parse().ok())
            .collect();
        ensure!(rows.len() == 4, "{key} has {} params", rows.len());
        for (param, source) in rows.iter().zip(["PM", "Analytics", "Finance", "Eng"]) {
            let edit = format!("/params/{param}/fields/source/edit");
            send(&admin, base, &edit, "form.edit", &[("value", source)]).await?;
        }
        scene.params.extend(rows);
        scene.initiatives.push((key.to_owned(), model));
    }
    Ok(scene)
}

async fn send(
    person: &Person,
    base: &str,
    page: &str,
    which: &str,
    typed: &[(&str, &str)],
) -> anyhow::Result<String> {
    let form = person.form(base, page, which).await?;
    let mut form = form.with_context(|| format!("no {which} on {page}"))?;
    for (name, value) in typed {
        form = form.with(name, value);
    }
    let (status, _) = person.send(base, &form, false).await?;
    ensure!(status.is_redirection(), "{} answers {status}", form.action);
    Ok(form.action)
}
