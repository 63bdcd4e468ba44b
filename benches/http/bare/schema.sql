-- 20,000 rows, 200 to an initiative, and an index by initiative: what the app's database holds too.
CREATE TABLE params (
  id bigint PRIMARY KEY, initiative_id bigint NOT NULL, framework text NOT NULL DEFAULT 'MATH_MODEL',
  param_name text NOT NULL, param_display text NOT NULL, description text NOT NULL,
  value float8, unit text NOT NULL, min float8, max float8, source text NOT NULL,
  approved bool NOT NULL DEFAULT false, is_auto_seeded bool NOT NULL DEFAULT true,
  notes text NOT NULL DEFAULT '', version bigint NOT NULL DEFAULT 1, updated_by text, updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON params(initiative_id, id);
CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), param_id bigint, version bigint, actor text, field text, new text);
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), kind text, key bigint);
INSERT INTO params(id, initiative_id, param_name, param_display, description, value, unit, min, max, source)
 SELECT g, 1+(g-1)/200, 'param_'||g, 'Parameter number '||g, 'What the parameter number '||g||' means to the team that owns it', g*0.01, '%', 0, 100, 'Analytics' FROM generate_series(1,20000) g;
ANALYZE;
