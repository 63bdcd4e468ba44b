-- An LLM may propose what people decide on: formulas, words around params, texts for the backlog, a second opinion.
-- What it proposes has rows of its own, beside what people write; a person takes it over, or nobody does.
--
-- Requests are a queue of their own and not rows of jobs: a job is done in steps here, a request is one slow question to
-- the outside that carries who asked, what it may cost and what it is about. Kept apart, an endpoint that takes a minute
-- holds back no rescoring, a release that knows no LLM claims none of it, and the pages' look at jobs stays cheap.

-- In whose name the app writes what the LLM said; who asked stands in the request.
insert into users (name, kind) values ('The LLM', 'system');

alter table change_log drop constraint change_log_through_check;
alter table change_log add constraint change_log_through_check
  -- suggestion: a person took it over; llm: the app filled in what nobody has touched
  check (through in ('form', 'paste', 'import', 'suggestion', 'api', 'rule', 'command', 'sign-in', 'llm'));

-- What the LLM may cost, and whether the app asks it by itself; one row for everybody.
create table llm_settings (
  id                   boolean primary key default true check (id),
  -- whether the app that started last has an endpoint: bookkeeping, no setting
  is_configured        boolean not null default false,
  calls_a_day          integer not null default 500 check (calls_a_day between 0 and 1000000),
  tokens_a_day         bigint not null default 5000000 check (tokens_a_day between 0 and 1000000000000),
  calls_a_person       integer not null default 100 check (calls_a_person between 0 and 1000000),
  tokens_a_person      bigint not null default 1000000 check (tokens_a_person between 0 and 1000000000000),
  suggests_by_itself   boolean not null default false,
  look_every_minutes   integer not null default 15 check (look_every_minutes between 1 and 1440),
  looked_at            timestamptz,
  revision             bigint not null default 1
);
insert into llm_settings default values;
create trigger llm_settings_stay before delete on llm_settings
  for each row execute function refuse_change();
create trigger llm_settings_are_not_truncated before truncate on llm_settings
  for each statement execute function refuse_change();

create table llm_requests (
  id              bigint generated always as identity primary key,
  workflow        text not null check (workflow in (
                    'suggest_math_model', 'suggest_param_metadata', 'summarise_initiative', 'review_math_model')),
  initiative_id   bigint not null references initiatives,
  math_model_id   bigint references math_models,
  -- of suggest_param_metadata: which params; in any order
  param_ids       bigint[] not null default '{}',
  -- a person pressed for it; otherwise it follows from an approval, or the app looked by itself
  is_on_request   boolean not null,
  asked_by        bigint not null references users,
  asked_at        timestamptz not null,
  -- of what it is about, as it was when it was asked for
  inputs_sha256   bytea not null check (length(inputs_sha256) = 32),
  -- the most it may use; what it doesn't use returns when it is settled
  reserved_calls  integer not null check (reserved_calls > 0),
  reserved_tokens bigint not null check (reserved_tokens > 0),
  status          text not null default 'waiting'
                  check (status in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  -- what it is doing, in words
  progress        text not null default '',
  attempt         integer not null default 0,
  -- by the database's clock, as for jobs
  run_at          timestamptz not null default now(),
  lease_until     timestamptz,
  finished_at     timestamptz,
  -- what went wrong last, as a sentence; of one that was cancelled: by whom
  why             text,
  check ((finished_at is null) = (status in ('waiting', 'running'))),
  check ((status = 'running') = (lease_until is not null)),
  check ((workflow = 'summarise_initiative') = (math_model_id is null))
);
-- Asked for twice, it is asked once.
create unique index one_open_request on llm_requests (workflow, initiative_id, coalesce(math_model_id, 0))
  where finished_at is null;
create index llm_requests_to_do on llm_requests (run_at, id) where finished_at is null;
create index llm_requests_of_model on llm_requests (math_model_id, workflow, id desc);
create index llm_requests_of_initiative on llm_requests (initiative_id, workflow, id desc);

-- Every call there was, counted before it is made: a process that dies in the middle has made it.
create table llm_calls (
  id              bigint generated always as identity primary key,
  request_id      bigint not null references llm_requests,
  workflow        text not null,
  asked_by        bigint not null references users,
  model           text not null,
  prompt_version  integer not null,
  prompt          text not null,
  begun_at        timestamptz not null,
  reserved_tokens bigint not null,
  -- null: still going on, or never heard of again
  settled_at      timestamptz,
  answer          text,
  tokens_in       bigint,
  tokens_out      bigint,
  took_ms         bigint,
  -- ok, or the kind of failure
  outcome         text,
  -- the failure as a sentence
  why             text,
  -- by the price that was configured then, in millionths; null: no price
  cost_millionths bigint,
  check ((settled_at is null) = (outcome is null))
);
create index llm_calls_of_request on llm_calls (request_id, id);
create index llm_calls_by_time on llm_calls (begun_at);
create trigger llm_calls_are_kept before delete on llm_calls
  for each row execute function refuse_change();
create trigger llm_calls_are_not_truncated before truncate on llm_calls
  for each statement execute function refuse_change();

create table suggestions (
  id             bigint generated always as identity primary key,
  math_model_id  bigint not null references math_models,
  request_id     bigint not null unique references llm_requests,
  formula        text not null check (octet_length(formula) <= 16384),
  assumptions    text not null check (length(assumptions) <= 20000),
  notes          text not null check (length(notes) <= 20000),
  value_unit     text not null check (length(value_unit) <= 40),
  -- the parameters it had in mind
  params         jsonb not null,
  inputs_sha256  bytea not null check (length(inputs_sha256) = 32),
  prompt_version integer not null,
  made_at        timestamptz not null,
  -- former: a newer one came (newer), or when it came its inputs had changed (changed) or the model was approved (approved)
  former_because text check (former_because in ('newer', 'changed', 'approved')),
  refused_by     bigint references users,
  refused_at     timestamptz,
  refused_why    text check (length(refused_why) <= 2000),
  check ((refused_by is null) = (refused_at is null) and (refused_by is null) = (refused_why is null))
);
create unique index one_current_suggestion on suggestions (math_model_id) where former_because is null;
create index suggestions_of_model on suggestions (math_model_id, id desc);

-- Which part of a suggestion a person took over.
create table suggestion_uses (
  suggestion_id bigint not null references suggestions,
  part          text not null check (part in ('formula', 'assumptions', 'notes')),
  used_by       bigint not null references users,
  used_at       timestamptz not null,
  primary key (suggestion_id, part)
);

create table model_reviews (
  id             bigint generated always as identity primary key,
  math_model_id  bigint not null references math_models,
  request_id     bigint not null unique references llm_requests,
  -- the text that it is about
  formula        text not null,
  score          integer not null check (score between 0 and 100),
  verdict        text not null,
  issues         jsonb not null,
  strengths      jsonb not null,
  improvements   jsonb not null,
  made_at        timestamptz not null
);
create index model_reviews_of_model on model_reviews (math_model_id, id desc);

create table summaries (
  id            bigint generated always as identity primary key,
  initiative_id bigint not null references initiatives,
  request_id    bigint not null unique references llm_requests,
  summary       text not null check (length(summary) <= 20000),
  notes         text not null check (length(notes) <= 20000),
  inputs_sha256 bytea not null check (length(inputs_sha256) = 32),
  made_at       timestamptz not null
);
create index summaries_of_initiative on summaries (initiative_id, id desc);

-- When the LLM last said something about the param, whatever became of it.
alter table params add column described_at timestamptz;

-- What the LLM would write where it may not write by itself.
create table param_proposals (
  id         bigint generated always as identity primary key,
  param_id   bigint not null references params,
  request_id bigint not null references llm_requests,
  field      text not null check (field in ('param_display', 'description', 'unit', 'range', 'source')),
  -- a text; for a range {"min": …, "max": …}
  proposed   jsonb not null,
  made_at    timestamptz not null,
  ended_at   timestamptz,
  ended_how  text check (ended_how in ('taken', 'dismissed', 'newer')),
  ended_by   bigint references users,
  check ((ended_at is null) = (ended_how is null))
);
create unique index one_open_proposal on param_proposals (param_id, field) where ended_at is null;
