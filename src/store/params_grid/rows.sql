-- The rest of the statement of the grid, after `page` (a row of params, its initiative's key and title, its framework's
-- key and name, place, sorted_by): all that the grid shows of the rows found.
, placed as (
  select page.*, lag(initiative_id) over in_order is distinct from initiative_id
    or lag(framework_id) over in_order is distinct from framework_id as heads_group
  from page
  window in_order as (order by place)
)
select p.id, p.name, p.revision, p.position is not null as is_used, p.is_read_aside, p.param_display,
  trim_scale(p.value)::text as value, p.unit, trim_scale(p.min)::text as min, trim_scale(p.max)::text as max, trim_scale(h.min)::text as hard_min,
  trim_scale(h.max)::text as hard_max, p.source, p.evidence_link, p.evidence_as_of, p.review_by, p.written_by,
  up.name as updated_by_name, p.updated_at, ap.name as approved_by_name, a.approved_at, a.origin,
  p.is_range_approved, p.fact_id, fa.name as fact_name, sc.id as scenario_id, sc.scenario_label,
  sc.value as scenario_value,
  -- the group, once: beside its first row
  case when p.heads_group then p.initiative_key end as initiative_key,
  case when p.heads_group then p.initiative_title end as initiative_title,
  case when p.heads_group then p.framework_key end as framework_key,
  case when p.heads_group then p.framework_name end as framework_name,
  g.used, g.approved, g.empty,
  x.driver_id, x.driver, x.status, jsonb_array_length(x.missing) as missing, x.stale_because, su.name as stale_by_name, x.stale_since,
  s.value as score, s.value_unit,
  case when p.place = 1 then (
    select array_agg(key || ' ' || name order by position) from frameworks where archived_at is null)
  end as frameworks, p.sorted_by
from placed p
join users up on up.id = p.updated_by
left join lateral (
  select approved_by, approved_at, origin from approvals
  where p.is_value_approved and subject_kind = 'param' and subject_id = p.id and part = 'value' and withdrawn_at is null
  limit 1) a on true
left join users ap on ap.id = a.approved_by
left join facts fa on fa.id = p.fact_id
left join lateral (
  select m.id, m.scenario_label, trim_scale(o.value)::text as value
  from param_overrides o join math_models m on m.id = o.math_model_id and m.drives and m.scenario_label <> 'Base'
  where o.param_id = p.id limit 1) sc on true
left join framework_params h on h.framework_id = p.framework_id and h.name = p.name
left join lateral (
  select f.status, f.missing, f.stale_because, f.stale_by, f.stale_since, f.score_id, d.id as driver_id,
    d.scenario_label as driver
  from initiative_frameworks f
  left join math_models d on d.initiative_id = f.initiative_id and d.framework_id = f.framework_id and d.drives
    and d.scenario_label <> 'Base'
  where p.heads_group and f.initiative_id = p.initiative_id and f.framework_id = p.framework_id
  limit 1) x on true
left join users su on su.id = x.stale_by
left join lateral (select value, value_unit from scores where id = x.score_id limit 1) s on true
left join lateral (
  select count(*) as used, count(*) filter (where q.state = 'approved') as approved,
    count(*) filter (where q.state = 'missing') as empty
  from params q
  where p.heads_group and q.initiative_id = p.initiative_id and q.framework_id = p.framework_id
    and q.state <> 'not_used'
) g on p.heads_group
order by p.place
