-- Maintenance jobs that failed ten minutes ago, for example in an outage. They start again.
select account_id, id from jobs
where kind = 'maintenance' and status = 'failed' and updated_at < clock_timestamp() - interval '10 minutes'
order by updated_at
limit 100;
