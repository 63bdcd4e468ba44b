-- A formula that one initiative found can serve others. So that nobody has to remember where a text came from, each
-- version that was copied, or begun from a template, says so; and a model that others may begin from is marked as a
-- template.

-- A model that others may begin from. What it offers is the version of its formula that was approved last.
create table model_templates (
  math_model_id bigint primary key references math_models,
  name          text not null check (name <> '' and length(name) <= 100),
  when_to_use   text not null default '' check (length(when_to_use) <= 2000),
  marked_by     bigint not null references users,
  marked_at     timestamptz not null
);

-- Where a version came from, if nobody wrote it for its own model.
create table formula_origins (
  formula_version_id bigint primary key references formula_versions,
  -- whose version it is
  math_model_id      bigint not null references math_models,
  kind               text not null check (kind in ('copy', 'template', 'pattern')),
  -- the model that it was copied from, or that is the template; null: a pattern that comes with the app
  source_model_id    bigint references math_models,
  pattern            text,
  -- what that was called then, and which version of its formula it was
  source_name        text not null,
  source_version     integer not null,
  -- a later version of the template that a person doesn't want now; null: none
  declined_version   integer,
  check ((kind = 'pattern') = (pattern is not null) and (kind = 'pattern') = (source_model_id is null))
);
create index formula_origins_of_model on formula_origins (math_model_id, formula_version_id);
create index formula_origins_by_source on formula_origins (source_model_id) where source_model_id is not null;
create index formula_origins_by_pattern on formula_origins (pattern) where pattern is not null;

comment on column params.written_by is
  'who wrote each field last: person, llm, rule, import, framework, copy (another initiative''s row, or a template)';
