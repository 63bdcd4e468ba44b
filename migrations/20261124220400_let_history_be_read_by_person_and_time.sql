-- The history is read across initiatives too: everything, a person's, an initiative's, newest first, a page at a time.
-- Each order has an index; what was sealed stays as it is. And who takes an act back writes down which, so that undo
-- and redo know what is in force.
create index change_log_by_time on change_log (at, chain, seq);
create index change_log_by_person on change_log (actor_id, at, chain, seq);
create index change_log_by_initiative on change_log (chain, at, seq);
create index change_log_of_batch on change_log (batch_id);

create table undos (
  n         bigint generated always as identity primary key,
  -- the act that took another back
  batch_id  uuid not null unique,
  -- the one that it took back
  undoes    uuid not null,
  -- the act that all of this began with: undo of an undo is its redo
  root      uuid not null,
  -- whether the root is taken back since
  is_undone boolean not null
);
create index undos_of_root on undos (root, n);
create index undos_of_act on undos (undoes, n);
create trigger undos_are_append_only before update or delete on undos
  for each row execute function refuse_change();
create trigger undos_are_not_truncated before truncate on undos
  for each statement execute function refuse_change();
