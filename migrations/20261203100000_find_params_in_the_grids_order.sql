-- A page of the grid costs what a page costs, however many params there are: each filter finds its rows in the order in
-- which the grid shows them. For that a param carries what the order and the filters rest on.
alter table params
  -- the initiative's key, by which the grid is sorted
  add column key_prefix text,
  add column key_number numeric,
  -- Whether a live approval of the value stands. Never written by hand: the triggers below derive it from `approvals`,
  -- which alone says what was approved.
  add column is_value_approved boolean not null default false;
update params p set key_prefix = i.key_prefix, key_number = i.key_number,
  is_value_approved = exists (
    select from approvals a
    where a.subject_kind = 'param' and a.subject_id = p.id and a.part = 'value' and a.withdrawn_at is null)
from initiatives i where i.id = p.initiative_id;
alter table params
  alter column key_prefix set not null,
  alter column key_number set not null,
  add column state text not null generated always as (
    case when position is null then 'not_used'
         when value is null then 'missing'
         when is_value_approved then 'approved'
         else 'needs_approval' end) stored;

create function params_take_their_initiatives_key() returns trigger language plpgsql as $$
begin
  select key_prefix, key_number into new.key_prefix, new.key_number from initiatives where id = new.initiative_id;
  return new;
end $$;
create trigger params_take_their_initiatives_key before insert or update of initiative_id on params
  for each row execute function params_take_their_initiatives_key();

create function initiatives_tell_params_their_key() returns trigger language plpgsql as $$
begin
  update params set key_prefix = new.key_prefix, key_number = new.key_number where initiative_id = new.id;
  return new;
end $$;
create trigger initiatives_tell_params_their_key after update of key on initiatives
  for each row when (old.key is distinct from new.key) execute function initiatives_tell_params_their_key();

create function approvals_tell_params() returns trigger language plpgsql as $$
begin
  update params p set is_value_approved = now_approved.it_is
  from (
    select c.subject_id, exists (
      select from approvals a
      where a.subject_kind = 'param' and a.subject_id = c.subject_id and a.part = 'value' and a.withdrawn_at is null
      ) as it_is
    from (select distinct subject_id from changed where subject_kind = 'param' and part = 'value') c) now_approved
  where p.id = now_approved.subject_id and p.is_value_approved <> now_approved.it_is;
  return null;
end $$;
create trigger approvals_given_tell_params after insert on approvals
  referencing new table as changed for each statement execute function approvals_tell_params();
create trigger approvals_withdrawn_tell_params after update on approvals
  referencing new table as changed for each statement execute function approvals_tell_params();

create index params_in_key_order on params (key_prefix, key_number);
create index params_in_key_order_by_source on params (source, key_prefix, key_number);
create index params_in_key_order_by_state on params (state, key_prefix, key_number);
create index params_in_key_order_approved on params (key_prefix, key_number) where is_value_approved;
create index params_in_key_order_by_state_and_source on params (state, source, key_prefix, key_number);
-- The list's other orders; what has no date or value comes last.
create index params_by_name on params (name, id);
create index params_by_change on params (updated_at, id);
create index params_by_review on params (coalesce(review_by, 'infinity'), id);
create index params_by_value on params (coalesce(value, '-Infinity'), id);
-- what these two found
drop index params_by_owner, params_of_owner;

-- Text is found anywhere in a param's words. Where this extension can't be had (a server without its contrib modules, a
-- role that may not create it) the same words are found by reading on until a page is full.
do $$
begin
  create extension if not exists pg_trgm;
  create index params_by_text on params
    using gin (lower(name || ' ' || param_display || ' ' || description) gin_trgm_ops) with (fastupdate = off);
exception when undefined_file or feature_not_supported or insufficient_privilege or undefined_object then
  raise notice 'no index for searching params: %', sqlerrm;
end $$;
