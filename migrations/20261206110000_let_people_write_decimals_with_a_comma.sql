-- Half of the world writes 1.200,50. Whoever does, says so once; what they type is read so from then on. What is stored
-- and shown stays the same for everybody.
alter table users
  add column decimal_separator text not null default 'point' check (decimal_separator in ('point', 'comma'));
