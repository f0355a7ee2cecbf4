-- A record that was deleted before, and of which the change log knew, is erased and not missing.
with forgiven as (
    delete from target_failures f
    where f.account_id = @account and f.job_id = @job and f.target_index = any (@indexes) and f.code = 'not_found'
      and exists (
          select 1 from changes c
          where c.account_id = @account and c.record_type = @type and c.type_id is not distinct from @type_id
            and c.first_id <= f.record_id and c.last_id >= f.record_id and f.record_id = any (c.record_ids))
    returning 1)
select count(*) from forgiven;
