-- The same number (an average order value, a margin) stands in hundreds of initiatives and went stale in each by itself.
-- A fact keeps it once, with an owner, evidence and an approval; params follow it. What is in force is what was approved
-- last: a change is a proposal beside it that touches nothing until somebody who may approve it does. The params that
-- follow hold the number themselves, written by the fact's own transaction, so that nothing else needs to know of facts.
create table facts (
  id             bigint generated always as identity primary key,
  name           text not null check (name <> '' and name = btrim(name) and length(name) <= 100),
  description    text not null default '' check (length(description) <= 5000),
  -- in force: what was approved last; null until then
  value          numeric check (value between -1e15 and 1e15 and scale(value) <= 30),
  unit           text not null default '' check (length(unit) <= 40),
  min            numeric check (min between -1e15 and 1e15 and scale(min) <= 30),
  max            numeric check (max between -1e15 and 1e15 and scale(max) <= 30),
  source         text check (source in ('PM', 'Analytics', 'Finance', 'Eng')),
  value_set_by   bigint references users,
  value_set_at   timestamptz,
  evidence_link  text not null default '' check (length(evidence_link) <= 2000),
  evidence_as_of date,
  review_by      date,
  revision       bigint not null default 1,
  archived_at    timestamptz,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  updated_by     bigint not null references users,
  check (min <= max),
  check ((value is null) = (source is null) and (value is null) = (value_set_by is null)
    and (value is null) = (value_set_at is null))
);
create unique index facts_by_name on facts (lower(name)) where archived_at is null;
create index facts_in_order on facts (lower(name), id);

-- What a fact should say instead. What was proposed never changes; a proposal can only end, once.
create table fact_proposals (
  id          bigint generated always as identity primary key,
  fact_id     bigint not null references facts,
  value       numeric not null check (value between -1e15 and 1e15 and scale(value) <= 30),
  unit        text not null check (length(unit) <= 40),
  min         numeric check (min between -1e15 and 1e15 and scale(min) <= 30),
  max         numeric check (max between -1e15 and 1e15 and scale(max) <= 30),
  source      text not null check (source in ('PM', 'Analytics', 'Finance', 'Eng')),
  reason      text not null default '' check (length(reason) <= 2000),
  proposed_by bigint not null references users,
  proposed_at timestamptz not null,
  ended_at    timestamptz,
  ended_by    bigint references users,
  ended_how   text check (ended_how in ('approved', 'replaced', 'withdrawn', 'refused')),
  ended_why   text,
  check (min <= max),
  check ((ended_at is null) = (ended_by is null) and (ended_at is null) = (ended_how is null))
);
create unique index one_open_fact_proposal on fact_proposals (fact_id) where ended_at is null;
create index fact_proposals_of_fact on fact_proposals (fact_id, id);
create function fact_proposals_only_end() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null
     or to_jsonb(old) - array['ended_at', 'ended_by', 'ended_how', 'ended_why']
        is distinct from to_jsonb(new) - array['ended_at', 'ended_by', 'ended_how', 'ended_why'] then
    raise exception 'a proposal can only end' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger fact_proposals_only_end before update on fact_proposals
  for each row execute function fact_proposals_only_end();
create trigger fact_proposals_are_kept before delete on fact_proposals
  for each row execute function refuse_change();
create trigger fact_proposals_are_not_truncated before truncate on fact_proposals
  for each statement execute function refuse_change();

alter table params add constraint params_follow_facts foreign key (fact_id) references facts;
create index params_of_fact on params (fact_id, initiative_id, framework_id) where fact_id is not null;

-- A fact's approval is one of its own; each param that follows has one too, which names it: an approval goes on to mean
-- exactly what was approved.
alter table approvals drop constraint approvals_subject_kind_check;
alter table approvals add constraint approvals_subject_kind_check
  check (subject_kind in ('param', 'param_override', 'math_model', 'fact'));
alter table approvals drop constraint approvals_origin_check;
alter table approvals add constraint approvals_origin_check
  check (origin in ('person', 'import', 'reinstated', 'fact'));
alter table approvals add column fact_approval_id bigint references approvals;
alter table approvals add constraint approvals_name_their_facts
  check ((origin = 'fact') = (fact_approval_id is not null));
create function approvals_keep_their_fact() returns trigger language plpgsql as $$
begin
  if old.fact_approval_id is distinct from new.fact_approval_id then
    raise exception 'an approval can only be withdrawn' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger approvals_keep_their_fact before update on approvals
  for each row execute function approvals_keep_their_fact();
