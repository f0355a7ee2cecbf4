-- Whether the change log has a deletion of records of a type by a job.
select exists (
    select 1 from changes c
    where c.account_id = @account and c.job_id = @job and c.record_type = @type and c.type_id is not distinct from @type_id
      and c.effect = 'deleted');
