-- Who may approve is for the company to say: whether somebody else must look at what one changed (four-eyes), and
-- whether Finance alone stands behind its own numbers. One typed row rather than a table of names and texts, so that
-- a setting which nobody knows can't be stored, and a rule never has to parse one. Off, as before: in the beginning
-- the PM both writes and approves. Who changed it and when is in the change log, in chain 0.
create table settings (
  id                   boolean primary key default true check (id),
  four_eyes            text not null default 'off' check (four_eyes in ('off', 'finance', 'all')),
  finance_approves_own boolean not null default false,
  revision             bigint not null default 1
);
insert into settings default values;
-- Who is signed in and what a param's edit rests on are read together with this row: without it nothing would be found.
create trigger settings_stay before delete on settings
  for each row execute function refuse_change();
create trigger settings_are_not_truncated before truncate on settings
  for each statement execute function refuse_change();
