-- Marks the deletions of an erasure, whose log has no details: the deleted records cannot come back.
update changes c
set details = array_to_string(array_fill('!'::text, array[cardinality(c.record_ids)]), E'\n')
where c.account_id = @account and c.job_id = @job and c.effect = 'deleted' and c.record_type = @type and c.details is null;
