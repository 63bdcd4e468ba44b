-- Every change of every field, for ever. Each initiative has a chain of its own (chain = its id; 0 = people, settings
-- and whatever has no initiative), so that writers of different initiatives never wait for each other; one global
-- chain would. The database numbers and seals each row itself: no writer can leave a gap, fork the chain or
-- choose a hash. The head of a chain is its lock.
create table change_chains (
  chain bigint primary key,
  seq   bigint not null,
  hash  bytea not null
);

create table change_log (
  chain           bigint not null,
  seq             bigint not null,
  initiative_id   bigint references initiatives,
  entity          text not null,
  entity_id       bigint not null,
  entity_revision bigint not null,
  field           text not null,
  -- what the entity was called at the time: the sentence can be read years later
  subject         text not null,
  old             jsonb,
  new             jsonb,
  batch_id        uuid not null,
  through         text not null check (through in ('form', 'paste', 'import', 'suggestion', 'api', 'rule', 'command')),
  actor_id        bigint not null references users,
  at              timestamptz not null,
  prev_hash       bytea not null,
  hash            bytea not null,
  primary key (chain, seq),
  check (chain = coalesce(initiative_id, 0))
);
create index change_log_of_entity on change_log (entity, entity_id, seq);

-- The bytes that are sealed. Lengths before texts, so that no two rows read alike.
create function change_log_digest(r change_log) returns bytea language sql immutable as $$
  select sha256(r.prev_hash || convert_to(
    (select string_agg(coalesce(length(part)::text || ':' || part, '-'), ',' order by n)
     from unnest(array[
       r.chain::text, r.seq::text, r.initiative_id::text, r.entity, r.entity_id::text, r.entity_revision::text,
       r.field, r.subject, r.old::text, r.new::text, r.batch_id::text, r.through, r.actor_id::text,
       (extract(epoch from r.at) * 1000000)::bigint::text]) with ordinality as parts(part, n)), 'UTF8'))
$$;

create function change_log_seal() returns trigger language plpgsql as $$
declare head change_chains;
begin
  new.chain := coalesce(new.initiative_id, 0);
  insert into change_chains (chain, seq, hash) values (new.chain, 0, sha256(convert_to('chain ' || new.chain, 'UTF8')))
    on conflict do nothing;
  select * into head from change_chains where chain = new.chain for update;
  new.seq := head.seq + 1;
  new.prev_hash := head.hash;
  new.hash := change_log_digest(new);
  update change_chains set seq = new.seq, hash = new.hash where chain = new.chain;
  return new;
end $$;
create trigger change_log_seal before insert on change_log
  for each row execute function change_log_seal();
create trigger change_log_is_append_only before update or delete on change_log
  for each row execute function refuse_change();
create trigger change_log_is_not_truncated before truncate on change_log
  for each statement execute function refuse_change();
