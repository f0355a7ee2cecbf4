-- The completed uploads of an account, with the imports that read them. Those that are read now come first.
select u.id, u.storage_key, u.original_key, array_agg(i.id order by i.id) as imports,
       min(i.format::text) as format, min(i.headers) as headers
from uploads u
join imports i on i.account_id = @account and i.upload_id = u.id
join jobs j on j.account_id = @account and j.id = i.id
where u.account_id = @account and u.storage_key is not null and i.format is not null and j.status <> 'expired'
group by u.id, u.storage_key, u.original_key
order by bool_or(j.status = 'processing') desc, u.id;
