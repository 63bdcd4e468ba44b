-- Initiatives with 200 params each (:wide), which make full pages, then such with 20 each (:ordinary). Each has a formula
-- that reads them all, everything approved but five params of each :waiting-th, which are Finance's and wait; a score;
-- and there is a session of the sample PM whose cookie is 64 times the letter b. server.py fills in the three numbers.
insert into sessions (id_hash, user_id, created_at, last_seen_at, expires_at)
select sha256(repeat('b', 64)::bytea), id, now(), now(), now() + interval '1 day'
from users where email = 'priya@example.com';

insert into initiatives (key, title, use_math_model, active_framework_id, created_at, created_by, updated_at, updated_by)
select 'INIT-' || n, 'Initiative number ' || n, true, f.id, now(), 1, now(), 1
from generate_series(1, :wide + :ordinary) n, frameworks f where f.key = 'MATH_MODEL' order by n;

insert into math_models (initiative_id, framework_id, drives, model_name, created_at, updated_at, updated_by)
select id, active_framework_id, true, title, now(), now(), 1 from initiatives order by id;

insert into formula_versions (owner_kind, owner_id, version, text, sha256, saved_by, saved_at)
select 'math_model', m.id, 1, t.text, sha256(t.text::bytea), 1, now()
from math_models m
join (select size, 'value = ' || string_agg('param_' || n, ' + ' order by n) as text
      from (values (20), (200)) s(size), generate_series(1, size) n group by size) t
  on t.size = case when m.initiative_id <= :wide then 200 else 20 end;
update math_models m set formula_version_id = v.id
from formula_versions v where v.owner_kind = 'math_model' and v.owner_id = m.id;
insert into approvals (subject_kind, subject_id, part, content, formula_version_id, approved_by, approved_at, origin)
select 'math_model', id, 'formula', '{}', formula_version_id, 1, now(), 'person' from math_models;

insert into params (initiative_id, framework_id, name, position, param_display, description, value, unit, min, max,
  source, is_auto_seeded, value_set_by, value_set_at, created_at, updated_at, updated_by)
select initiative_id, framework_id, 'param_' || n, n,
  case when is_waiting then 'Contribution margin' else 'Parameter number ' || n end,
  'What the parameter number ' || n || ' means to the team that owns it', n * 0.01, '%', 0, 100,
  case when is_waiting then 'Finance' else 'Analytics' end, true, 1, now(), now(), now(), 1
from (select i.id as initiative_id, i.active_framework_id as framework_id, n,
        i.id % :waiting = 0 and n % 4 = 0 and n <= 20 as is_waiting
      from initiatives i, generate_series(1, case when i.id <= :wide then 200 else 20 end) n) numbered
order by initiative_id, n;
insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin)
select 'param', id, part, case part when 'value'
  then jsonb_build_object('value', value::text, 'unit', unit, 'source', source)
  else jsonb_build_object('min', min::text, 'max', max::text) end, 1, now(), 'person'
from params, (values ('value'), ('range')) parts(part) where source <> 'Finance';

insert into scores (initiative_id, framework_id, math_model_id, formula_version_id, inputs, value, lines, notes, engine,
  recorded_by, recorded_at)
select initiative_id, framework_id, id, formula_version_id, '[]', 201, '[]', '[]', 'productops-formula/1', 1, now()
from math_models;
insert into initiative_frameworks (initiative_id, framework_id, is_on, status, score_id)
select initiative_id, framework_id, true, 'approved', id from scores;
analyze;
