-- One of the imports of an upload that are running.
select i.id
from imports i
join jobs j on j.account_id = @account and j.id = i.id
where i.account_id = @account and i.upload_id = @upload and j.status = 'processing'
limit 1;
