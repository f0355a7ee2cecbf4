-- Deletions of records that are still deleted, the last one first, after a place in the list. Erased records are left out.
select c.id, c.part, r.place, r.record_id, c.logged_at, c.user_id, n.name as user_name, c.job_id,
       case when {is_kept} then {detail} end as detail
from changes c
cross join lateral {deleted}
left join users n on n.account_id = $1 and n.id = c.user_id
where c.account_id = $1 and c.record_type = $2 and c.effect = 'deleted' and c.type_id is not distinct from $3
  and c.logged_at <= $4 and (c.{images} is null or {is_kept})
  and (c.logged_at < $4 or (c.id, c.part, r.place) > ($5, $6, $7))
  and not exists (select 1 from {records} x where {owned} and x.id = r.record_id)
order by c.logged_at desc, c.id, c.part, r.place
limit $8;
