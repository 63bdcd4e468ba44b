//! Frameworks with their formulas and params.

use crate::domain::{
    framework::{Framework, FrameworkFormula, FrameworkParam},
    ids::{FormulaVersionId, FrameworkId},
    param::{Bounds, Number, Source},
};
use sqlx::PgConnection;

/// Every framework, in the order people see them. Two statements, whatever their number.
pub async fn list(conn: &mut PgConnection) -> sqlx::Result<Vec<Framework>> {
    let rows = sqlx::query!(
        r#"select f.id as "id: FrameworkId", f.key, f.name,
                  v.id as "version_id?: FormulaVersionId", v.version as "version?", v.text as "text?"
           from frameworks f left join formula_versions v on v.id = f.formula_version_id
           order by f.position"#
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut frameworks: Vec<_> = rows
        .into_iter()
        .map(|row| Framework {
            id: row.id,
            key: row.key,
            name: row.name,
            formula: row
                .version_id
                .zip(row.version)
                .zip(row.text)
                .map(|((id, version), text)| FrameworkFormula { id, version, text }),
            params: Vec::new(),
        })
        .collect();
    let params = sqlx::query!(
        r#"select framework_id as "framework_id: FrameworkId", name, label, description, unit,
                  trim_scale(min)::text as min, trim_scale(max)::text as max, source
           from framework_params order by framework_id, position"#
    )
    .fetch_all(conn)
    .await?;
    for row in params {
        if let Some(framework) = frameworks.iter_mut().find(|f| f.id == row.framework_id) {
            framework.params.push(FrameworkParam {
                name: row.name,
                label: row.label,
                description: row.description,
                unit: row.unit,
                bounds: Bounds {
                    min: row.min.map(Number::from_decimal),
                    max: row.max.map(Number::from_decimal),
                },
                source: Source::read(&row.source).unwrap_or_default(),
            });
        }
    }
    Ok(frameworks)
}

#[cfg(test)]
mod tests {
    use crate::{domain::formula::Formula, testing::TestDb};

    #[tokio::test]
    async fn the_builtin_formulas_parse_and_read_exactly_their_params_in_order() {
        let test = TestDb::new().await;
        let all = test
            .db
            .read(async move |mut conn| super::list(&mut conn).await)
            .await
            .unwrap();
        let keys: Vec<_> = all.iter().map(|framework| framework.key.as_str()).collect();
        assert_eq!(keys, ["MATH_MODEL", "RICE", "WSJF"]);
        for framework in all.iter().filter(|framework| !framework.is_math_model()) {
            let formula = Formula::parse(&framework.formula.as_ref().unwrap().text).unwrap();
            let reads: Vec<_> = formula
                .identifiers()
                .iter()
                .map(|i| i.name.as_str())
                .collect();
            let params: Vec<_> = framework
                .params
                .iter()
                .map(|param| param.name.as_str())
                .collect();
            assert_eq!(reads, params, "{}", framework.key);
        }
    }
}
