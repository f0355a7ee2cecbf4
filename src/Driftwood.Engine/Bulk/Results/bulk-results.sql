-- The processed targets of a job, after one index and up to another, ordered by index.
select u.target_index, u.record_id, u.external_id, f.code, f.message,
       case
           when f.code is not null then null
           when t.effect is not null then case t.effect when 'created' then 'removed' else 'restored' end
           when b.operation = 'delete' then 'deleted'
           when b.operation = 'erase' then 'erased'
           when b.operation = 'create' or u.created then 'created'
           else 'updated'
       end,
       i.ref
from lanes l
join bulk_jobs b on b.account_id = l.account_id and b.id = l.job_id
join bulk_target_runs t on t.account_id = l.account_id and t.job_id = l.job_id and t.lane = l.lane
                       and t.first <= l.cursor and t.first_index <= @to and t.last_index > @after
cross join unnest(t.target_indexes, t.record_ids, t.external_ids, t.created) with ordinality
    as u (target_index, record_id, external_id, created, place)
-- One index lookup per target, whatever the planner knows about the number of failures.
left join lateral (
    select x.code, x.message from target_failures x
    where x.account_id = @account and x.job_id = @job and x.target_index = u.target_index limit 1) f on true
-- A job without items looks for none of them.
left join lateral (
    select k.item ->> 'ref' as ref from bulk_items k
    where (select exists (select 1 from bulk_items a where a.account_id = @account and a.job_id = @job))
      and k.account_id = @account and k.job_id = @job and k.item_index = u.target_index limit 1) i on true
where l.account_id = @account and l.job_id = @job
  and u.target_index > @after and u.target_index <= @to and t.first + u.place - 1 <= l.cursor
  and (not @succeeded or f.code is null)
order by u.target_index
limit @limit;
