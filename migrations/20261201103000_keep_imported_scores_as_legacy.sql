-- A workbook that is brought in has scores which nobody can trace. Going live must blank none of them, so they are kept
-- beside the app's own: shown as legacy, ranked nowhere, and gone for good once the app scores the initiative itself, an
-- admin drops them, or its framework changes. Rows of their own: a score for the record has a receipt, these have none.
create table legacy_scores (
  id            bigint generated always as identity primary key,
  initiative_id bigint not null references initiatives,
  value         numeric check (value between -1e15 and 1e15 and scale(value) <= 30),
  effort        numeric check (effort between -1e15 and 1e15 and scale(effort) <= 30),
  overall       numeric check (overall between -1e15 and 1e15 and scale(overall) <= 30),
  imported_by   bigint not null references users,
  imported_at   timestamptz not null,
  -- null: it stands, as long as the active framework has no score of its own
  ended_at      timestamptz,
  ended_by      bigint references users,
  check (value is not null or effort is not null or overall is not null),
  check ((ended_at is null) = (ended_by is null))
);
create unique index one_legacy_score_stands on legacy_scores (initiative_id) where ended_at is null;
create index legacy_scores_of_initiative on legacy_scores (initiative_id, id);
