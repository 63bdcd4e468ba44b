-- What if? A scenario is a row of math_models beside Base. It follows Base live in everything but the values that it sets
-- itself (param_overrides), and one of them may drive the score in Base's place. Its approval is one record that covers
-- exactly these values; what it doesn't set needs Base's own approvals.
alter table approvals drop constraint approvals_part_check;
alter table approvals add constraint approvals_part_check check (part in ('value', 'range', 'formula', 'scenario'));

alter table math_models
  add column put_away_at timestamptz,
  add constraint a_scenario_has_a_name check (length(scenario_label) between 1 and 40),
  add constraint base_is_never_put_away check (put_away_at is null or scenario_label <> 'Base'),
  add constraint what_is_put_away_drives_nothing check (put_away_at is null or not drives);
create unique index one_scenario_of_a_name on math_models (initiative_id, framework_id, lower(scenario_label));

alter table param_overrides alter column value set not null;
create index param_overrides_of_param on param_overrides (param_id);

-- Base's formula is every scenario's: with one of them driving, it is still the text that says where effort comes from.
create or replace function unscored_effort(of_initiative bigint, by_framework bigint) returns double precision
language sql stable as $$
  select case when coalesce(v.text, '') !~ '\meffort\M'
      and (i.effort_engineering_days is not null or i.effort_other_teams_days is not null)
    then (coalesce(i.effort_engineering_days, 0) + coalesce(i.effort_other_teams_days, 0))::double precision end
  from initiatives i join frameworks k on k.id = by_framework
  left join math_models m on m.initiative_id = i.id and m.framework_id = k.id and m.scenario_label = 'Base'
  left join formula_versions v on v.id = coalesce(m.formula_version_id, k.formula_version_id)
  where i.id = of_initiative
$$;

-- What the scenario that drives a score sets in a param's place, with who set it and whether it is approved.
create view values_that_drive as
select o.param_id, jsonb_build_object('scenario', m.id, 'label', m.scenario_label, 'approval_id', a.id,
  'approved_by', a.approved_by, 'approved_by_name', au.name, 'approved_at', a.approved_at,
  'origin', a.origin, 'value', jsonb_build_object('param', o.param_id, 'revision', o.revision,
    'value', trim_scale(o.value)::text, 'min', trim_scale(o.min)::text, 'max', trim_scale(o.max)::text,
    'set_by', o.set_by, 'set_by_name', u.name, 'set_at', o.set_at)) as row
from param_overrides o join math_models m on m.id = o.math_model_id and m.drives and m.scenario_label <> 'Base'
join users u on u.id = o.set_by
left join approvals a on a.subject_kind = 'math_model' and a.subject_id = m.id and a.part = 'scenario'
  and a.withdrawn_at is null
left join users au on au.id = a.approved_by;
