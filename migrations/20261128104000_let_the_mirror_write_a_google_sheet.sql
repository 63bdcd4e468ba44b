-- The mirror's target may be a tab of a Google spreadsheet, in which people work: what admins decide about it (which
-- columns are people's, whose row stays deleted, what looked like a mistake and isn't) must outlive the process, and the
-- page that shows the mirror must be able to say how it stands.
alter table mirror_target
  -- as configured: the tab's title or number; empty: the first, or a file
  add column tab         text not null default '',
  -- as seen at the last look
  add column title       text not null default '',
  -- with whom the spreadsheet is to be shared
  add column account     text not null default '',
  -- the first write is over, so its questions are answered
  add column has_written boolean not null default false,
  -- why nothing is written until an admin decides: what it is confirmed by, and the sentence
  add column held        jsonb,
  -- what an admin confirmed
  add column confirmed   text[] not null default '{}',
  -- fields whose columns are people's again
  add column handed_back text[] not null default '{}',
  -- initiatives whose row was deleted in the sheet and stays so
  add column left_out    bigint[] not null default '{}',
  -- an admin pressed "run now"
  add column asked_at    timestamptz,
  -- the target wants to be left alone
  add column wait_until  timestamptz,
  -- moves with each decision
  add column revision    bigint not null default 1;
update mirror_target set has_written = true where kind = 'local';

alter table mirror_run
  drop constraint mirror_run_trigger_check,
  add constraint mirror_run_trigger_check check (trigger in ('start', 'marks', 'sheet', 'poll', 'asked', 'decided')),
  drop constraint mirror_run_outcome_check,
  add constraint mirror_run_outcome_check check (outcome in ('in_step', 'written', 'observed', 'held', 'failed'));
