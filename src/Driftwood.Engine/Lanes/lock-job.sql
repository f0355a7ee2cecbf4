-- First half of settling a job. The look at its lanes must be a statement of its own, after this lock is held, so that
-- two last lanes that end at the same moment cannot miss each other. Not the stronger lock: that would wait for the
-- chunks of other lanes, whose error rows point to the job.
select 1 from jobs where account_id = @account and id = @job and status = 'processing' for no key update;
