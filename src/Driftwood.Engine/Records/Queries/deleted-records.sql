-- Deletions of records that are still deleted, the last one first, after a place in the list. Erased records are left out.
select c.id, c.part, u.place, u.record_id, c.logged_at, c.user_id, n.name as user_name, c.job_id, u.detail
from changes c
cross join lateral unnest(c.record_ids, string_to_array(c.details, E'\n')) with ordinality as u (record_id, detail, place)
left join users n on n.account_id = $1 and n.id = c.user_id
where c.account_id = $1 and c.record_type = $2 and c.effect = 'deleted' and c.type_id is not distinct from $3
  and c.logged_at <= $4 and u.detail is distinct from '!'
  and (c.logged_at < $4 or (c.id, c.part, u.place) > ($5, $6, $7))
  and not exists (select 1 from {records} r where {owned} and r.id = u.record_id)
order by c.logged_at desc, c.id, c.part, u.place
limit $8;
