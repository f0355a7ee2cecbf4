-- Keeps the imports of an upload from being confirmed, resumed or removed until the transaction ends.
select 1
from jobs j
where j.account_id = @account and j.id in (select i.id from imports i where i.account_id = @account and i.upload_id = @upload)
order by j.id
for update;
