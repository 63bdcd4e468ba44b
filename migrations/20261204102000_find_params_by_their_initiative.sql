-- The search of the params also finds those of an initiative whose key or title has the words. As for the params' own
-- words: where the extension isn't there, the same is found by reading the initiatives.
do $$
begin
  create index initiatives_by_key_and_title on initiatives
    using gin (lower(key || ' ' || title) gin_trgm_ops) with (fastupdate = off);
exception when undefined_object then
  raise notice 'no index for searching initiatives: %', sqlerrm;
end $$;
