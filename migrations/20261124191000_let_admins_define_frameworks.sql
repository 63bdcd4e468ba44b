-- Admins define frameworks of their own, and change them while initiatives are scored by them. Scoring everybody afresh
-- takes longer than a request may, so it is a job: a row here, done in chunks by whichever process claims it, gone on
-- with by another if that one dies.

alter table frameworks
  -- moves with every change of the definition; forms carry the one they saw
  add column revision    bigint not null default 1,
  -- can't be turned on any more; stays where it is on
  add column archived_at timestamptz,
  add column updated_at  timestamptz,
  add column updated_by  bigint references users,
  add constraint frameworks_name_length check (name <> '' and length(name) <= 100),
  add constraint frameworks_key_length check (length(key) <= 40),
  -- what is built in comes with the app
  add constraint frameworks_builtin_stay check (not builtin or archived_at is null);

-- What is seeded from here must fit into params.
alter table framework_params
  add constraint framework_params_name check (name ~ '^[A-Za-z_][A-Za-z0-9_]*$' and length(name) <= 64),
  add constraint framework_params_label check (length(label) <= 200),
  add constraint framework_params_description check (length(description) <= 5000),
  add constraint framework_params_unit check (length(unit) <= 40),
  add constraint framework_params_source check (source in ('', 'PM', 'Analytics', 'Finance', 'Eng')),
  add constraint framework_params_min check (min between -1e15 and 1e15 and scale(min) <= 30),
  add constraint framework_params_max check (max between -1e15 and 1e15 and scale(max) <= 30),
  add constraint framework_params_range check (min <= max);

-- Everybody whom a change of a framework concerns, in the order in which they are locked and scored.
create index initiative_frameworks_on on initiative_frameworks (framework_id, initiative_id) where is_on;

-- Long work. A lease that ran out can be claimed again, which needs no list of workers; whoever settles must still have
-- the attempt that it claimed, so a late worker can't settle somebody else's run.
create table jobs (
  id          bigint generated always as identity primary key,
  name        text not null,
  payload     jsonb not null,
  status      text not null default 'queued' check (status in ('queued', 'running', 'done', 'failed')),
  attempt     integer not null default 0,
  run_at      timestamptz not null default now(),
  lease_until timestamptz,
  created_at  timestamptz not null default now(),
  finished_at timestamptz,
  last_error  text,
  -- how far it is: what has been gone through, of how many, up to which row
  done        bigint not null default 0,
  total       bigint not null default 0,
  cursor      bigint not null default 0,
  check ((finished_at is null) = (status in ('queued', 'running'))),
  check ((status = 'running') = (lease_until is not null))
);
create unique index one_job_queued on jobs (name, payload) where status = 'queued';
create index jobs_to_do on jobs (run_at, id) where finished_at is null;
create index jobs_latest on jobs (name, payload, id desc);
