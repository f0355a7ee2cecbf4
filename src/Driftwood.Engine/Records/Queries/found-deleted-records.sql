-- Those of deleted-records of which the further conditions on r hold. Only the last deletion of a record counts, and only if what the
-- record held was kept: a restore with the same filter finds the same records.
with again as materialized (
    select u.record_id, max(c.logged_at) as last_at
    from changes c
    cross join lateral unnest(c.record_ids) as u (record_id)
    where c.account_id = $1 and c.record_type = $2 and c.effect = 'deleted' and c.type_id is not distinct from $3
      and c.logged_at >= (
          select min(r.deleted_at)
          from (select c.*, c.logged_at as deleted_at, c.user_id as deleted_by, c.job_id as deleted_by_job from changes c) r
          where r.account_id = $1 and r.record_type = $2 and r.effect = 'deleted' and r.type_id is not distinct from $3
            and {of_deletion})
    group by u.record_id having count(*) > 1
)
select d.id, d.part, r.place, r.id as record_id, d.logged_at, d.user_id, n.name as user_name, d.job_id, {detail} as detail
from (
    select r.*
    from (select c.*, c.logged_at as deleted_at, c.user_id as deleted_by, c.job_id as deleted_by_job from changes c) r
    where r.account_id = $1 and r.record_type = $2 and r.effect = 'deleted' and r.type_id is not distinct from $3
      and r.logged_at <= $4 and {of_deletion}
    order by r.logged_at desc, r.id, r.part offset 0
) d
cross join lateral (
    select r.*, r.record_id as id, d.deleted_at, d.deleted_by, d.deleted_by_job from {deleted}) r
left join users n on n.account_id = $1 and n.id = d.user_id
where {is_kept} and (d.logged_at < $4 or (d.id, d.part, r.place) > ($5, $6, $7))
  -- Hashed, and not joined: a join would read all deletions before it returns the first.
  and (r.id not in (select a.record_id from again a)
       or (r.id, d.logged_at) in (select a.record_id, a.last_at from again a))
  and {of_record}
  and not exists (select 1 from {records} x where {owned} and x.id = r.id)
order by d.logged_at desc, d.id, d.part, r.place
limit $8;
