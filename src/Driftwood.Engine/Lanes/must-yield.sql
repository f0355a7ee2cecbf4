-- Runs between chunks after a lane's turn is over: whether an account with fewer running lanes has had a lane waiting for @turn. Only
-- the last running lane of an account yields, which belongs to its newest job. Otherwise all lanes would yield to one waiting lane.
-- If others still wait, the lane before it is the last one then.
with held as materialized (
    select account_id, job_id, lane
    from lanes
    where status = 'running' and owner is not null and leased_until >= clock_timestamp()
),
mine as (
    select job_id, lane, count(*) over () as lanes
    from held
    where account_id = @account
    order by job_id desc, lane desc
    limit 1
)
select exists (
    select 1
    from mine m
    cross join lanes l
    join jobs j on j.account_id = l.account_id and j.id = l.job_id
    join accounts a on a.id = l.account_id
    where m.job_id = @job and m.lane = @lane
      and l.account_id <> @account
      and l.status in ('ready', 'running')
      and coalesce(l.leased_until, l.updated_at) < clock_timestamp() - @turn
      and j.status = 'processing'
      and a.disabled_at is null
      and (select count(*) from held h where h.account_id = l.account_id) < m.lanes);
