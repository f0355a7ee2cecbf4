-- Names another file for an upload, and its format. A workbook that it was made of is no longer named.
-- The hash stays that of the file that was uploaded.
with exchanged as (
    update uploads u set storage_key = @key, original_key = null, table_length = null, byte_length = @length
    where u.account_id = @account and u.id = @upload and u.storage_key = @old
    returning u.id)
update imports i set format = @format::jsonb
from exchanged e
where i.account_id = @account and i.upload_id = e.id
returning 1;
