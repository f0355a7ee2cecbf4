-- A chunk of a job's items, in their order. Their indexes are 0, 1, 2 … without gaps. The lane's cursor is the next index.
select item_index, item from bulk_items
where account_id = @account and job_id = @job and item_index >= @from
order by item_index
limit @size;
