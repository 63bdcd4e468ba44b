-- The core of ProductOps: people, initiatives, frameworks, math models, params, approvals, scores.
-- Shapes that would hurt to add later are here from the start: formula versions are immutable rows that approvals and
-- scores refer to; an approval is a row and never a flag; everything a score depends on moves initiatives.revision.

-- Refuses whatever statement fires it: for tables whose rows are evidence.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;

create table users (
  id             bigint generated always as identity primary key,
  email          text unique check (email = lower(email)),
  name           text not null check (name <> ''),
  roles          text[] not null default '{}'
                 check (roles <@ array['viewer','analytics','finance','eng','pm','admin']),
  -- person: signs in; sample: signs in locally only; system: the command line and jobs, never signs in
  kind           text not null default 'person' check (kind in ('person', 'sample', 'system')),
  time_zone      text not null default 'UTC',
  created_at     timestamptz not null default now(),
  deactivated_at timestamptz
);
insert into users (name, roles, kind) values ('Command line', '{admin}', 'system');

create table sessions (
  id_hash      bytea primary key check (length(id_hash) = 32),
  user_id      bigint not null references users,
  created_at   timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at   timestamptz not null
);
create index sessions_by_user on sessions (user_id);

-- Immutable texts of formulas, for math models and frameworks alike; approvals and scores refer to these rows.
create table formula_versions (
  id         bigint generated always as identity primary key,
  owner_kind text not null check (owner_kind in ('math_model', 'framework')),
  owner_id   bigint not null,
  version    integer not null check (version > 0),
  text       text not null check (octet_length(text) <= 16384),
  sha256     bytea not null check (length(sha256) = 32),
  saved_by   bigint not null references users,
  saved_at   timestamptz not null,
  unique (owner_kind, owner_id, version)
);
create trigger formula_versions_are_immutable before update or delete on formula_versions
  for each row execute function refuse_change();
create trigger formula_versions_are_not_truncated before truncate on formula_versions
  for each statement execute function refuse_change();

create table frameworks (
  id                 bigint generated always as identity primary key,
  key                text not null unique check (key ~ '^[A-Z][A-Z0-9_]*$'),
  name               text not null,
  builtin            boolean not null,
  -- null: each initiative writes its own formula (MATH_MODEL)
  formula_version_id bigint references formula_versions,
  position           integer not null
);

-- What a framework's formula reads: the metadata with which its params are seeded. Bounds here are hard.
create table framework_params (
  framework_id bigint not null references frameworks,
  position     integer not null,
  name         text not null,
  label        text not null,
  description  text not null default '',
  unit         text not null default '',
  min          numeric,
  max          numeric,
  source       text not null default '',
  primary key (framework_id, name)
);

create table initiatives (
  id                           bigint generated always as identity primary key,
  key                          text not null unique check (key ~ '^[A-Z][A-Z0-9_]*-[0-9]+$' and length(key) <= 40),
  -- sorts INIT-9 before INIT-10
  key_prefix                   text generated always as (substring(key from '^(.*)-[0-9]+$')) stored,
  key_number                   numeric generated always as (substring(key from '-([0-9]+)$')::numeric) stored,
  -- moves with every change of anything that the initiative's page or its scores depend on
  revision                     bigint not null default 1,
  archived_at                  timestamptz,
  title                        text not null check (title <> '' and length(title) <= 500),
  problem_statement            text not null default '',
  hypothesis                   text not null default '',
  desired_outcome              text not null default '',
  intake_source                text not null default '',
  department                   text not null default '',
  requesting_team              text not null default '',
  requester_name               text not null default '',
  requester_email              text not null default '',
  dependencies_initiatives     text not null default '',
  dependencies_others          text not null default '',
  country                      text not null default '',
  product_area                 text not null default '',
  lifecycle_status             text not null default '',
  customer_segment             text not null default '',
  initiative_type              text not null default '',
  strategic_priority_coefficient numeric check (strategic_priority_coefficient between -1e15 and 1e15),
  effort_engineering_days      numeric check (effort_engineering_days between 0 and 1e15),
  effort_other_teams_days      numeric check (effort_other_teams_days between 0 and 1e15),
  infra_cost_estimate          numeric check (infra_cost_estimate between -1e15 and 1e15),
  tshirt_size                  text not null default '',
  impact_metric                text not null default '',
  impact_unit                  text not null default '',
  impact_description           text not null default '',
  immediate_kpi_key            text not null default '',
  target_kpi                   text not null default '',
  llm_summary                  text not null default '',
  llm_notes                    text not null default '',
  active_framework_id          bigint references frameworks,
  use_math_model               boolean not null default false,
  -- who set the effort fields and when: receipts name them
  effort_set_by                bigint references users,
  effort_set_at                timestamptz,
  created_at                   timestamptz not null,
  created_by                   bigint not null references users,
  updated_at                   timestamptz not null,
  updated_by                   bigint not null references users
);
create index initiatives_in_key_order on initiatives (key_prefix, key_number);

-- One row per initiative, framework and scenario.
create table math_models (
  id                          bigint generated always as identity primary key,
  initiative_id               bigint not null references initiatives,
  framework_id                bigint not null references frameworks,
  scenario_label              text not null default 'Base',
  -- the one whose approved formula is scored for the record
  drives                      boolean not null,
  revision                    bigint not null default 1,
  model_name                  text not null,
  model_description_free_text text not null default '',
  model_prompt_to_llm         text not null default '',
  value_unit                  text not null default '',
  assumptions_text            text not null default '',
  llm_notes                   text not null default '',
  -- null: nothing saved yet (a scenario: follows Base)
  formula_version_id          bigint references formula_versions,
  created_at                  timestamptz not null,
  updated_at                  timestamptz not null,
  updated_by                  bigint not null references users,
  unique (initiative_id, framework_id, scenario_label)
);
create unique index one_model_drives on math_models (initiative_id, framework_id) where drives;

-- What a person is typing, kept privately: withdraws nothing, is no version.
create table formula_drafts (
  math_model_id bigint not null references math_models,
  user_id       bigint not null references users,
  text          text not null check (octet_length(text) <= 65536),
  saved_at      timestamptz not null,
  primary key (math_model_id, user_id)
);

create table params (
  id             bigint generated always as identity primary key,
  initiative_id  bigint not null references initiatives,
  framework_id   bigint not null references frameworks,
  name           text not null check (name ~ '^[A-Za-z_][A-Za-z0-9_]*$' and length(name) <= 64),
  revision       bigint not null default 1,
  -- order of first use in the approved formula; null: the formula doesn't read it
  position       integer,
  param_display  text not null default '' check (length(param_display) <= 200),
  description    text not null default '' check (length(description) <= 5000),
  -- exactly what was typed: numeric keeps every digit; the CHECK also stops 'NaN'
  value          numeric check (value between -1e15 and 1e15 and scale(value) <= 30),
  unit           text not null default '' check (length(unit) <= 40),
  min            numeric check (min between -1e15 and 1e15 and scale(min) <= 30),
  max            numeric check (max between -1e15 and 1e15 and scale(max) <= 30),
  source         text not null default '' check (source in ('', 'PM', 'Analytics', 'Finance', 'Eng', 'LLM')),
  is_auto_seeded boolean not null,
  notes          text not null default '' check (length(notes) <= 5000),
  evidence_link  text not null default '' check (length(evidence_link) <= 2000),
  evidence_as_of date,
  review_by      date,
  -- who wrote each field last: person, llm, rule, import, framework
  written_by     jsonb not null default '{}',
  -- who set the value and when: receipts name them
  value_set_by   bigint references users,
  value_set_at   timestamptz,
  -- the shared fact this param follows, once there are facts
  fact_id        bigint,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  updated_by     bigint not null references users,
  unique (initiative_id, framework_id, name),
  check (min <= max)
);
create index params_in_grid_order on params (initiative_id, framework_id, position, name);

-- What a scenario's model overrides of Base; what isn't here follows Base live.
create table param_overrides (
  math_model_id bigint not null references math_models,
  param_id      bigint not null references params,
  revision      bigint not null default 1,
  value         numeric check (value between -1e15 and 1e15 and scale(value) <= 30),
  min           numeric check (min between -1e15 and 1e15 and scale(min) <= 30),
  max           numeric check (max between -1e15 and 1e15 and scale(max) <= 30),
  set_by        bigint not null references users,
  set_at        timestamptz not null,
  primary key (math_model_id, param_id)
);

-- An approval is a record: of exactly what (content, formula_version_id), by whom, when, and if withdrawn by whom and why.
create table approvals (
  id                 bigint generated always as identity primary key,
  subject_kind       text not null check (subject_kind in ('param', 'param_override', 'math_model')),
  subject_id         bigint not null,
  part               text not null check (part in ('value', 'range', 'formula')),
  content            jsonb not null,
  formula_version_id bigint references formula_versions,
  approved_by        bigint not null references users,
  approved_at        timestamptz not null,
  origin             text not null check (origin in ('person', 'import', 'reinstated')),
  reinstates         bigint references approvals,
  withdrawn_by       bigint references users,
  withdrawn_at       timestamptz,
  withdrawn_why      text,
  check ((part = 'formula') = (formula_version_id is not null)),
  check ((origin = 'reinstated') = (reinstates is not null)),
  check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_why is null))
);
create unique index one_live_approval on approvals (subject_kind, subject_id, part) where withdrawn_at is null;
create index approvals_of_subject on approvals (subject_kind, subject_id, approved_at);
-- What was approved never changes; a live approval may be withdrawn, once.
create function approvals_only_withdraw() returns trigger language plpgsql as $$
begin
  if old.withdrawn_at is not null
     or (old.id, old.subject_kind, old.subject_id, old.part, old.content, old.formula_version_id, old.approved_by,
         old.approved_at, old.origin, old.reinstates)
        is distinct from
        (new.id, new.subject_kind, new.subject_id, new.part, new.content, new.formula_version_id, new.approved_by,
         new.approved_at, new.origin, new.reinstates) then
    raise exception 'an approval can only be withdrawn' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger approvals_only_withdraw before update on approvals
  for each row execute function approvals_only_withdraw();
create trigger approvals_are_kept before delete on approvals
  for each row execute function refuse_change();
create trigger approvals_are_not_truncated before truncate on approvals
  for each statement execute function refuse_change();

-- Every score ever recorded, with all that is needed to compute it again.
create table scores (
  id                 bigint generated always as identity primary key,
  initiative_id      bigint not null references initiatives,
  framework_id       bigint not null references frameworks,
  math_model_id      bigint references math_models,
  formula_version_id bigint not null references formula_versions,
  inputs             jsonb not null,
  -- finite by rule: NaN and infinity are no scores
  value              double precision not null check (value between -1e300 and 1e300),
  effort             double precision check (effort between -1e300 and 1e300),
  overall            double precision check (overall between -1e300 and 1e300),
  value_unit         text not null default '',
  lines              jsonb not null,
  notes              jsonb not null,
  engine             text not null,
  recorded_by        bigint not null references users,
  recorded_at        timestamptz not null
);
create index scores_of_initiative on scores (initiative_id, framework_id, id desc);
create trigger scores_are_immutable before update or delete on scores
  for each row execute function refuse_change();
create trigger scores_are_not_truncated before truncate on scores
  for each statement execute function refuse_change();

-- A framework that is, or was, on for an initiative, and where its score stands.
create table initiative_frameworks (
  initiative_id bigint not null references initiatives,
  framework_id  bigint not null references frameworks,
  is_on         boolean not null,
  status        text not null check (status in ('not_ready', 'approved', 'stale')),
  -- everything that is missing, and who owes it
  missing       jsonb not null default '[]',
  -- what made an approved score stale, by whom and when
  stale_because text,
  stale_by      bigint references users,
  stale_since   timestamptz,
  -- the last score for the record
  score_id      bigint references scores,
  primary key (initiative_id, framework_id),
  check ((status = 'not_ready') = (score_id is null)),
  check ((status = 'stale') = (stale_because is not null))
);
create index initiative_frameworks_by_score on initiative_frameworks (score_id);

-- A form sent twice takes effect once: the key is used up by the statement that commits.
create table idempotency (
  key         uuid primary key,
  person_id   bigint not null references users,
  route       text not null,
  body_sha256 bytea not null check (length(body_sha256) = 32),
  outcome     jsonb not null,
  at          timestamptz not null
);
create index idempotency_by_age on idempotency (at);
