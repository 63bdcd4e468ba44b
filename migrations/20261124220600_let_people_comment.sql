-- What people say to each other about an initiative, its models and its params, and whom they call to it. A comment is
-- its own record: it never changes, its author can only take it back.
create table comments (
  id            bigint generated always as identity primary key,
  initiative_id bigint not null references initiatives,
  entity        text not null check (entity in ('initiative', 'math_model', 'param')),
  entity_id     bigint not null,
  -- what it was called at the time
  subject       text not null,
  body          text not null check (body <> '' and length(body) <= 4000),
  author_id     bigint not null references users,
  at            timestamptz not null,
  withdrawn_at  timestamptz
);
create index comments_of_initiative on comments (initiative_id, id);
create index comments_of_entity on comments (entity, entity_id, id);
create function comments_only_withdraw() returns trigger language plpgsql as $$
begin
  if old.withdrawn_at is not null
     or (old.id, old.initiative_id, old.entity, old.entity_id, old.subject, old.body, old.author_id, old.at)
        is distinct from
        (new.id, new.initiative_id, new.entity, new.entity_id, new.subject, new.body, new.author_id, new.at) then
    raise exception 'a comment can only be taken back' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger comments_only_withdraw before update on comments
  for each row execute function comments_only_withdraw();
create trigger comments_are_kept before delete on comments
  for each row execute function refuse_change();
create trigger comments_are_not_truncated before truncate on comments
  for each statement execute function refuse_change();

-- Who was called; it waits in their queue until they settle it or answer.
create table comment_mentions (
  comment_id bigint not null references comments,
  user_id    bigint not null references users,
  settled_at timestamptz,
  primary key (comment_id, user_id)
);
create index comment_mentions_that_wait on comment_mentions (user_id, comment_id) where settled_at is null;
