-- A person's figure in the place of a framework's own: value, overall or both, with a reason and who answers for it.
-- Rows of their own, never flags on a score: the score beneath goes on being recorded. What was set never changes; an
-- override can only be ended, once: replaced by the next, withdrawn, or expired.
create table score_overrides (
  id             bigint generated always as identity primary key,
  initiative_id  bigint not null references initiatives,
  framework_id   bigint not null references frameworks,
  value          numeric check (value between -1e15 and 1e15 and scale(value) <= 30),
  overall        numeric check (overall between -1e15 and 1e15 and scale(overall) <= 30),
  -- of the value, as it was when it was typed
  value_unit     text not null default '' check (length(value_unit) <= 40),
  reason         text not null check (length(reason) between 1 and 2000),
  set_by         bigint not null references users,
  set_at         timestamptz not null,
  -- the last day it holds on, and the moment at which that day ends
  last_day       date,
  expires_at     timestamptz,
  -- what it was put in the place of
  own_score_id   bigint references scores,
  own_status     text not null check (own_status in ('not_ready', 'approved', 'stale')),
  ended_at       timestamptz,
  ended_by       bigint references users,
  ended_how      text check (ended_how in ('replaced', 'withdrawn', 'expired')),
  check (value is not null or overall is not null),
  check ((last_day is null) = (expires_at is null)),
  check ((own_status = 'not_ready') = (own_score_id is null)),
  check ((ended_at is null) = (ended_by is null) and (ended_at is null) = (ended_how is null))
);
create unique index one_live_override on score_overrides (initiative_id, framework_id) where ended_at is null;
create index score_overrides_of_initiative on score_overrides (initiative_id, framework_id, id);
create index score_overrides_by_expiry on score_overrides (expires_at) where ended_at is null;

create function score_overrides_only_end() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null
     or to_jsonb(old) - array['ended_at', 'ended_by', 'ended_how']
        is distinct from to_jsonb(new) - array['ended_at', 'ended_by', 'ended_how'] then
    raise exception 'an override can only be ended' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger score_overrides_only_end before update on score_overrides
  for each row execute function score_overrides_only_end();
create trigger score_overrides_are_kept before delete on score_overrides
  for each row execute function refuse_change();
create trigger score_overrides_are_not_truncated before truncate on score_overrides
  for each statement execute function refuse_change();

-- The effort that an override of the value is divided by while no score is recorded: the initiative's days, unless the
-- formula as far as it is written speaks of an effort of its own.
create function unscored_effort(of_initiative bigint, by_framework bigint) returns double precision
language sql stable as $$
  select case when coalesce(v.text, '') !~ '\meffort\M'
      and (i.effort_engineering_days is not null or i.effort_other_teams_days is not null)
    then (coalesce(i.effort_engineering_days, 0) + coalesce(i.effort_other_teams_days, 0))::double precision end
  from initiatives i join frameworks k on k.id = by_framework
  left join math_models m on m.initiative_id = i.id and m.framework_id = k.id and m.drives
  left join formula_versions v on v.id = coalesce(m.formula_version_id, k.formula_version_id)
  where i.id = of_initiative
$$;
