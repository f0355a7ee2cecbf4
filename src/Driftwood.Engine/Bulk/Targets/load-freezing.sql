-- What a bulk job's first step must know; one whose targets are frozen by now gives no row.
select j.record_type, b.operation, b.params, b.external_ids, b.filter::text, b.query, b.expected_count,
       (select count(*)::int from lanes l where l.account_id = j.account_id and l.job_id = j.id)
from jobs j
join bulk_jobs b on b.account_id = j.account_id and b.id = j.id
where j.account_id = @account and j.id = @job and b.to_freeze;
