-- The mirror: database -> Central Backlog. Not a job but state: an initiative that changed has a mark, written in the
-- transaction of the change; whoever leads compares everything with the sheet and takes away the marks that it saw
-- before it looked. A mark is only the alarm: a crash anywhere leaves it standing, and the next run converges.

create table mirror_dirty (
  initiative_id bigint primary key references initiatives,
  -- moves with every change, so that a run takes away only what it has seen
  version       bigint not null default 1,
  reason        text not null,
  since         timestamptz not null default now()
);
-- What is here before there is a mirror has never been mirrored.
insert into mirror_dirty (initiative_id, reason) select id, 'never mirrored' from initiatives;

create table mirror_target (
  id           smallint primary key check (id = 1),
  kind         text not null check (kind in ('local', 'google')),
  -- the file, or the spreadsheet's id
  address      text not null,
  sheet_id     integer,
  -- what an admin chose; null: as MIRROR_MODE says
  mode         text check (mode in ('off', 'observe', 'write')),
  paused_until timestamptz,
  -- what the last run found: missing columns, doubled and unknown keys, what waits to be written
  state        jsonb not null default '{}',
  last_ok      timestamptz,
  last_error   text,
  failing_since timestamptz,
  check ((last_error is null) = (failing_since is null))
);

create table mirror_run (
  id       bigint generated always as identity primary key,
  started  timestamptz not null,
  finished timestamptz not null,
  trigger  text not null check (trigger in ('start', 'marks', 'sheet', 'poll')),
  reads    integer not null default 0,
  writes   integer not null default 0,
  cells    integer not null default 0,
  appended integer not null default 0,
  drift    integer not null default 0,
  outcome  text not null check (outcome in ('in_step', 'written', 'observed', 'failed')),
  error    text,
  check ((outcome = 'failed') = (error is not null))
);

-- What our cells showed when they were verified last: a fingerprint for each field. A cell that differs from what is
-- wanted and from this was changed by hand. No foreign key, here and below: its check would wait for whoever edits the
-- initiative, and initiatives are never deleted.
create table mirror_verified (
  initiative_id bigint primary key,
  cells         jsonb not null
);

-- Hand edits in cells of ours, and what was put back.
create table mirror_drift (
  id            bigint generated always as identity primary key,
  initiative_id bigint not null,
  field         text not null,
  found         text not null,
  is_formula    boolean not null,
  restored      text not null,
  at            timestamptz not null
);
create index mirror_drift_by_time on mirror_drift (at desc);
