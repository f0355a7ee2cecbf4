update receipts r set storage_key = @key, byte_length = @length, sha256 = @sha256
where r.account_id = @account and r.job_id = @job and r.storage_key = @old;
