-- The grid shows of each param whether its range is approved. It carries that itself, as it does for its value, so that
-- a page of 200 rows needs no 200 look-ups. Never written by hand: derived from `approvals` by the triggers that there are.
alter table params add column is_range_approved boolean not null default false;
update params p set is_range_approved = true
where exists (
  select from approvals a
  where a.subject_kind = 'param' and a.subject_id = p.id and a.part = 'range' and a.withdrawn_at is null);

create or replace function approvals_tell_params() returns trigger language plpgsql as $$
begin
  update params p set is_value_approved = now_approved.value, is_range_approved = now_approved.range
  from (
    select c.subject_id,
      exists (
        select from approvals a
        where a.subject_kind = 'param' and a.subject_id = c.subject_id and a.part = 'value' and a.withdrawn_at is null
        ) as value,
      exists (
        select from approvals a
        where a.subject_kind = 'param' and a.subject_id = c.subject_id and a.part = 'range' and a.withdrawn_at is null
        ) as range
    from (select distinct subject_id from changed where subject_kind = 'param' and part in ('value', 'range')) c
  ) now_approved
  where p.id = now_approved.subject_id
    and (p.is_value_approved, p.is_range_approved) <> (now_approved.value, now_approved.range);
  return null;
end $$;
