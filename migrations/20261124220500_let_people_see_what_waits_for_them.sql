-- What waits for whom: initiative_frameworks.missing says what a score lacks and whose each param is. Kept beside it is
-- the list of roles that owe something, and an index of what waits at all, so that a person's queue is read without
-- looking at what is ready.

-- The role that owes a missing thing: its param's owner; the PM where nobody owns it, and for formulas.
create function owed_by(item jsonb) returns text language sql immutable parallel safe
  return case when item->>'source' in ('Analytics', 'Finance', 'Eng') then lower(item->>'source') else 'pm' end;

create function roles_that_owe(missing jsonb) returns text[] language sql immutable parallel safe
  return (select coalesce(array_agg(distinct owed_by(item) order by owed_by(item)), '{}')
          from jsonb_array_elements(missing) as item);

alter table initiative_frameworks add column owed_by text[] not null
  generated always as (roles_that_owe(missing)) stored;

-- In the order of the queue: what has been there longest first.
create index initiative_frameworks_that_wait on initiative_frameworks (initiative_id, framework_id)
  where is_on and missing <> '[]';
