-- Open pages are told of comments as they are made or taken back: each process looks at the latest that moved, many
-- times a minute, and mustn't read them all for that.
create index comments_moved on comments ((coalesce(withdrawn_at, at)) desc);
