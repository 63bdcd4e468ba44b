-- RICE and WSJF are ordinary formulas with hard bounds; MATH_MODEL has a formula per initiative.
-- A store test parses each and holds its params to what the formula reads.
insert into frameworks (key, name, builtin, position) values
  ('MATH_MODEL', 'Math model', true, 1), ('RICE', 'RICE', true, 2), ('WSJF', 'WSJF', true, 3);

insert into formula_versions (owner_kind, owner_id, version, text, sha256, saved_by, saved_at)
select 'framework', f.id, 1, d.text, sha256(convert_to(d.text, 'UTF8')), u.id, '2026-11-23T00:00:00Z'
from (values
  ('RICE', E'value = reach * impact * confidence\noverall = value / effort'),
  ('WSJF', E'value = business_value + time_criticality + risk_reduction\neffort = job_size\noverall = value / effort')
) as d(key, text) join frameworks f using (key), users u where u.kind = 'system';
update frameworks f set formula_version_id = v.id
from formula_versions v where v.owner_kind = 'framework' and v.owner_id = f.id;

insert into framework_params (framework_id, position, name, label, description, unit, min, max, source)
select f.id, d.position, d.name, d.label, d.description, d.unit, d.min, d.max, d.source
from (values
  ('RICE', 1, 'reach', 'Reach', 'How many people or events it touches in the period', 'people', 0, null, 'Analytics'),
  ('RICE', 2, 'impact', 'Impact', 'How much it moves each of them: 0.25 minimal, 0.5 low, 1 medium, 2 high, 3 massive', 'score', 0, 3, 'PM'),
  ('RICE', 3, 'confidence', 'Confidence', 'How sure we are of reach and impact, as a share', '%', 0, 1, 'PM'),
  ('RICE', 4, 'effort', 'Effort', 'Work by everybody, in days', 'days', 0, null, 'Eng'),
  ('WSJF', 1, 'business_value', 'Business value', 'Relative value to the business and its users', 'points', 0, null, 'PM'),
  ('WSJF', 2, 'time_criticality', 'Time criticality', 'How fast the value decays if we wait', 'points', 0, null, 'PM'),
  ('WSJF', 3, 'risk_reduction', 'Risk reduction', 'Risk taken away or opportunity opened', 'points', 0, null, 'PM'),
  ('WSJF', 4, 'job_size', 'Job size', 'Relative size of the work', 'points', 0, null, 'Eng')
) as d(key, position, name, label, description, unit, min, max, source) join frameworks f using (key);
