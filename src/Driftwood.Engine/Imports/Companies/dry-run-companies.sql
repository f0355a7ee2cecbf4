-- Stores the companies that a dry run would have created, so that later rows find them.
insert into dry_run_keys (account_id, job_id, field, key, record_id)
select @account, @job, k.field, k.key, m.id
from unnest(@ids, @name_keys, @domains) as m(id, name_key, domain)
cross join lateral (values (@name_field, m.name_key), (@domain_field, m.domain)) as k(field, key)
where k.key is not null
on conflict do nothing;
