-- One page of the scoring list, or all of it: frameworks side by side, ranked, compared, sorted, in one pass.
-- Narrow first: ranks look at every score; texts are read for the page's rows only.
-- $1 search, $2 a framework that is on, $3 archived ones too, $4 the order, $5 highest first, $6 a status,
-- $7 the key of the row before, $8 how many rows (null: all), $9 the framework whose column is the order.
with ranked as materialized (
  select i.id, f.framework_id, f.framework_id = i.active_framework_id as is_active,
    case when l.id is null then f.status else 'legacy' end as status, l.id as legacy_id,
    l.value as legacy_value, l.overall as legacy_overall,
    s.id as score_id, s.value, s.overall, s.value_unit,
    case when s.id is not null and i.archived_at is null then rank() over (
      partition by f.framework_id, s.value_unit collate "C", s.id is not null and i.archived_at is null
      order by s.overall desc nulls last, s.value desc) end as rank,
    count(s.id) over (
      partition by f.framework_id, s.value_unit collate "C", s.id is not null and i.archived_at is null) as among
  from initiative_frameworks f join initiatives i on i.id = f.initiative_id left join scores s on s.id = f.score_id
  left join legacy_scores l on l.initiative_id = i.id and l.ended_at is null
    and f.framework_id = i.active_framework_id and f.score_id is null
  where f.is_on
), compared as (
  select r.id, case when count(r.rank) > 1 then max(r.rank) - min(r.rank) end as spread,
    max(r.overall) filter (where r.is_active) as overall,
    bool_or(($2::text is null or k.key = $2) and ($6::text is null or r.status = $6)) as is_wanted,
    max(case $4::text when 'rank' then r.rank when 'value' then coalesce(r.value, r.legacy_value)
        when 'overall' then coalesce(r.overall, r.legacy_overall) end)
      filter (where k.key = $9::text) as by_number,
    max(case $4 when 'rank' then r.value_unit when 'status' then r.status end collate "C")
      filter (where k.key = $9) as by_text
  from ranked r join frameworks k on k.id = r.framework_id group by r.id
), found as (
  select i.id, i.key, i.key_prefix, i.key_number, c.spread, w.weighted,
    case $4 when 'title' then lower(i.title) when 'key' then i.key_prefix else c.by_text end as by_text,
    case $4 when 'disagreement' then c.spread when 'weighted' then w.weighted else c.by_number end as by_number
  from initiatives i left join compared c on c.id = i.id
  cross join lateral (select case
      when c.overall = 0 or i.strategic_priority_coefficient = 0 then c.overall * 0
      when abs(c.overall) between 1e-250 and 1e250 and abs(i.strategic_priority_coefficient) between 1e-50 and 1e15
        then i.strategic_priority_coefficient::float8 * c.overall end as weighted) w
  where (i.archived_at is null or $3)
    and ($1 = '%%' or lower(i.key || ' ' || i.title || ' ' || i.product_area || ' ' || i.department
         || ' ' || i.requester_name || ' ' || i.requesting_team) like $1)
    and (($2 is null and $6 is null) or c.is_wanted)
), placed as materialized (
  select id, key, spread, weighted, count(*) over () as count, row_number() over (order by
    by_number is null and $4 not in ('key', 'title', 'status'), by_text is null,
    case when $4 = 'rank' then by_text end,
    case when $5 then -by_number else by_number end,
    case when $5 then by_text end desc, by_text,
    case when $5 and $4 = 'key' then -key_number else key_number end, key_prefix) as place
  from found
), page as (
  select * from placed where place > coalesce((select place from placed where key = $7::text), 0)
  order by place limit $8::bigint
), totals as (
  select r.framework_id, min(r.value_unit collate "C") as unit, count(*) as scored,
    case when min(r.value_unit collate "C") = max(r.value_unit collate "C") then sum(r.value) end as value
  from ranked r join placed p on p.id = r.id where r.rank is not null group by r.framework_id
)
select i.id as "id!: InitiativeId", i.key as "key!", i.title as "title!",
  i.archived_at is not null as "is_archived!", trim_scale(i.strategic_priority_coefficient)::text as coefficient,
  p.weighted as "weighted?", p.spread as "spread?", p.count as "count!",
  r.framework_id as "framework_id?: FrameworkId", r.is_active as "is_active?", r.status as "status?",
  jsonb_array_length(f.missing) as "missing?", f.stale_because as "stale_because?",
  su.name as "stale_by_name?", f.stale_since as "stale_since?",
  r.score_id as "score_id?: ScoreId", r.value as "value?", r.overall as "overall?", r.value_unit as "value_unit?",
  r.rank as "rank?", r.among as "among?", sc.scenario_label as "scenario?",
  trim_scale(l.value)::text as legacy_value, trim_scale(l.effort)::text as legacy_effort,
  trim_scale(l.overall)::text as legacy_overall, lu.name as "legacy_by?", l.imported_at as "legacy_at?",
  case when p.place = (select min(place) from page) then (
    select jsonb_agg(jsonb_build_object('framework', t.framework_id, 'scored', t.scored, 'value', t.value, 'unit', t.unit)
      order by t.framework_id)
    from totals t) end as "totals?: Json<Vec<Total>>"
from page p join initiatives i on i.id = p.id
left join ranked r on r.id = p.id
left join initiative_frameworks f on f.initiative_id = r.id and f.framework_id = r.framework_id
left join users su on su.id = f.stale_by
left join legacy_scores l on l.id = r.legacy_id left join users lu on lu.id = l.imported_by
left join scores rs on rs.id = r.score_id
left join math_models sc on sc.id = rs.math_model_id and sc.scenario_label <> 'Base'
order by p.place, r.framework_id
