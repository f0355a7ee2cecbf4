-- A bounded part of what a dry run kept, in the order of the key: an index passes over what is removed already, a scan reads
-- it again. Another node that removes the same part at the same moment waits and finds nothing.
delete from shadow_keys
where ctid = any (array(
    select ctid from shadow_keys where account_id = @account and job_id = @job order by field, key, record_id limit @limit))
  and account_id = @account and job_id = @job;
