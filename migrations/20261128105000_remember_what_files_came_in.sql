-- Numbers that came from a file must be traceable to it: which file, its bytes, who brought it in, when, with which
-- choices, and what it did. A file that was uploaded waits here for its import, with the preview that was shown; once it
-- was imported, its row never changes.
create table imports (
  id           bigint generated always as identity primary key,
  file_name    text not null check (file_name <> '' and length(file_name) <= 255),
  sha256       bytea not null check (octet_length(sha256) = 32),
  bytes        bytea not null check (octet_length(bytes) <= 20971520),
  -- of a workbook
  tabs         text[] not null default '{}',
  tab          text,
  -- null: it can't be told yet what of the file to read
  kind         text check (kind in ('backlog', 'math-models', 'params')),
  -- with_approvals, clear_blanks
  options      jsonb not null default '{}',
  -- cells that are taken although a person changed their field here: [row, field]
  choices      jsonb not null default '[]',
  preview      jsonb,
  uploaded_by  bigint not null references users,
  uploaded_at  timestamptz not null,
  report       jsonb,
  -- rows that came out otherwise than in the preview
  moved        bigint[] not null default '{}',
  imported_by  bigint references users,
  imported_at  timestamptz,
  -- the act's changes in the history
  batch_id     uuid,
  check ((report is null) = (imported_at is null) and (report is null) = (imported_by is null)),
  check (report is null or kind is not null)
);
create index imports_that_wait on imports (uploaded_at) where imported_at is null;

create function imports_are_kept() returns trigger language plpgsql as $$
begin
  if old.imported_at is not null then
    raise exception 'an import that was done is kept as it is' using errcode = 'restrict_violation';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger imports_are_kept before update or delete on imports
  for each row execute function imports_are_kept();
create trigger imports_are_not_truncated before truncate on imports
  for each statement execute function refuse_change();
