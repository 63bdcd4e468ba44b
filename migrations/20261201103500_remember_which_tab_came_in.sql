-- What comes in straight from a Google spreadsheet must be traceable to it as a file is to its bytes: which spreadsheet,
-- which tab by its number (people rename tabs) and by the title it had then. The cells as they were read are the bytes.
alter table imports
  add column spreadsheet_id text check (length(spreadsheet_id) <= 200),
  add column sheet_id       integer,
  add column sheet_title    text check (length(sheet_title) <= 200),
  add check ((spreadsheet_id is null) = (sheet_id is null) and (spreadsheet_id is null) = (sheet_title is null));
