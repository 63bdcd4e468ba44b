-- A scenario may have a formula of its own in Base's place. Its versions are kept as Base's are (formula_versions by the
-- scenario's row; none: it follows Base), and the scenario's one approval names the version that it covers.
alter table approvals drop constraint approvals_check;
alter table approvals add constraint a_formula_is_approved_by_its_version check (
  case part when 'formula' then formula_version_id is not null
    when 'scenario' then true else formula_version_id is null end);

-- params.position is the place in the formula that drives the score. This says that another formula reads the row: a
-- scenario's, or Base's while a scenario's own drives. Such a row isn't orphaned.
alter table params add column is_read_aside boolean not null default false;

-- Which formula drives a score, how far it has come, and whose it is: said here for one initiative and for many.
create view formulas_that_drive as
select i.id as initiative_id, k.id as framework_id, m.id as model_id, d.id as scenario_id, d.scenario_label as scenario,
  d.formula_version_id is not null as is_scenarios, coalesce(m.value_unit, '') as value_unit,
  v.id as version_id, v.version, v.text,
  case
    when d.formula_version_id is not null then exists (
      select from approvals a where a.subject_kind = 'math_model' and a.subject_id = d.id and a.part = 'scenario'
        and a.withdrawn_at is null and a.formula_version_id = v.id)
    when m.id is null then true
    else exists (
      select from approvals a where a.subject_kind = 'math_model' and a.subject_id = m.id and a.part = 'formula'
        and a.withdrawn_at is null and a.formula_version_id = v.id)
  end as is_approved
from initiatives i cross join frameworks k
left join math_models m on m.initiative_id = i.id and m.framework_id = k.id and m.scenario_label = 'Base'
left join math_models d on d.initiative_id = i.id and d.framework_id = k.id and d.drives and d.scenario_label <> 'Base'
left join formula_versions v on v.id = coalesce(d.formula_version_id,
  case when m.id is null then k.formula_version_id else m.formula_version_id end);

-- The formula that drives says where effort comes from.
create or replace function unscored_effort(of_initiative bigint, by_framework bigint) returns double precision
language sql stable as $$
  select case when coalesce(f.text, '') !~ '\meffort\M'
      and (i.effort_engineering_days is not null or i.effort_other_teams_days is not null)
    then (coalesce(i.effort_engineering_days, 0) + coalesce(i.effort_other_teams_days, 0))::double precision end
  from initiatives i join formulas_that_drive f on f.initiative_id = i.id and f.framework_id = by_framework
  where i.id = of_initiative
$$;
