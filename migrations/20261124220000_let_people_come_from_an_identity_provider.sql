-- People sign in with an identity provider, which may also say what they are. Its word and an admin's stand in columns
-- of their own, so that the people page can tell why somebody has a role, and one never overwrites the other.
alter table users
  add column issuer            text,
  -- the provider's own name for the person, which stays when name and address change
  add column subject           text check (subject <> ''),
  -- what the provider's claim said when they last signed in
  add column claim_roles       text[] not null default '{}'
             check (claim_roles <@ array['viewer','analytics','finance','eng','pm','admin']),
  -- what an admin chose; counts where the claim says nothing
  add column page_roles        text[] not null default '{}'
             check (page_roles <@ array['viewer','analytics','finance','eng','pm','admin']),
  add column last_signed_in_at timestamptz,
  add column revision          bigint not null default 1,
  add check ((issuer is null) = (subject is null)),
  add unique (issuer, subject);
update users set page_roles = roles;
alter table users drop column roles;
alter table users add column roles text[] not null
  generated always as (case when cardinality(claim_roles) > 0 then claim_roles else page_roles end) stored;

-- A session can be named to a person and ended without anybody knowing its secret. The provider's token is what its
-- sign-out asks for.
alter table sessions
  add column id         bigint generated always as identity unique,
  add column user_agent text not null default '' check (length(user_agent) <= 300),
  add column id_token   text;

alter table change_log drop constraint change_log_through_check;
alter table change_log add constraint change_log_through_check
  check (through in ('form', 'paste', 'import', 'suggestion', 'api', 'rule', 'command', 'sign-in'));
