-- A chunk of a job's items, in their order. Their indexes are 0, 1, 2 … without a gap, as the lane's cursor counts them.
select item_index, item from bulk_items
where account_id = @account and job_id = @job and item_index >= @from
order by item_index
limit @size;
