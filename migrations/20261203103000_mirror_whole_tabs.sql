-- Beside the backlog the mirror may keep whole tabs of the app's own (scoring, math models, params) for people who work
-- in the spreadsheet, and an admin may ask for its formats and protections anew after somebody rearranged them.
alter table mirror_target
  -- which tabs were decided about: true, kept in step; false, switched off and left in the sheet as it stands
  add column tabs             jsonb not null default '{}',
  -- when an admin asked for formats and protections anew; null: they are as the app set them
  add column formats_asked_at timestamptz;
