-- The mirror's page shows, cell by cell, what a write would change, and how often Google was asked in the last minute:
-- an admin decides by the first whether the mirror may write, and sees by the second how near its quota is.

-- What the last look found different, as many cells as are worth reading. Kept apart from mirror_target.state, which is
-- written at every look, while this is only when it differs.
create table mirror_difference (
  -- its place, from 1
  n      integer primary key,
  key    text not null,
  -- counted as in the sheet
  row    integer not null,
  field  text not null,
  found  text not null,
  wanted text not null
);

-- Requests to Google of the last minutes.
create table mirror_call (
  at     timestamptz not null,
  reads  integer not null,
  writes integer not null
);
