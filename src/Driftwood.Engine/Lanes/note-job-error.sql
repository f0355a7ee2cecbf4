-- Keeps the first reason for which a lane gave up. The job keeps it when it is settled.
update jobs
set error_message = coalesce(error_message, @message), updated_at = clock_timestamp()
where account_id = @account and id = @job and status = 'processing';
