-- A session ends by resting for 12 hours, by its age, or with the person. Whoever asks which are open asks here, so that
-- signing in, the lists and the pruning can't differ.
create view open_sessions as
  select s.id, s.id_hash, s.user_id, s.created_at, s.last_seen_at, s.expires_at, s.user_agent
  from sessions s join users u on u.id = s.user_id
  where s.expires_at > now() and s.last_seen_at > now() - interval '12 hours' and u.deactivated_at is null;
