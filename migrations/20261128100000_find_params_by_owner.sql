-- The grid can be grouped by whose a param is. Each owner's params are looked for initiative by initiative, in their
-- order; with the owner in the index, a group of few is found without reading the rows of all others.
create index params_by_owner on params (initiative_id, framework_id, source);
create index params_of_owner on params (source);
