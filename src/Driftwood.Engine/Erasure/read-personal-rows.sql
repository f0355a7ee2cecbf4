-- Returns each change of some records: its job and row, and the detail. Rows that link a contact with a company belong to the contact.
select c.job_id, u.row_number, u.detail
from changes c
cross join lateral unnest(c.record_ids, c.row_numbers, {details}) as u (record_id, row_number, detail)
where c.account_id = @account and c.record_type = @type and c.type_id is not distinct from @type_id
  and c.first_id <= @last and c.last_id >= @first and c.record_ids && @ids and u.record_id = any (@ids) and c.effect <> 'linked';
