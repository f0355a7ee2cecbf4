-- Stores the reason why a lane gave up, unless there is one already. The job keeps it when it is settled.
update jobs
set error_message = coalesce(error_message, @message), updated_at = statement_timestamp()
where account_id = @account and id = @job and status = 'processing';
