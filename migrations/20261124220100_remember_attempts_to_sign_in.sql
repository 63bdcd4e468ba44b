-- A sign-in goes through the provider's pages and comes back with the browser. What it was begun with waits here for the
-- answer, once, and only for the browser that began it: another's answer can't sign anybody in. Of what travels through
-- the browser only hashes are kept.
create table sign_in_attempts (
  state_hash   bytea primary key check (length(state_hash) = 32),
  browser_hash bytea not null check (length(browser_hash) = 32),
  nonce        text not null,
  verifier     text not null,
  return_path  text not null check (return_path like '/%'),
  created_at   timestamptz not null default now()
);
create index sign_in_attempts_by_age on sign_in_attempts (created_at);
