-- Creates the companies that an import needs, in the order of their names, so that two imports of the same companies wait for each
-- other and do not deadlock. An existing company with the same id stays: this job created it for the same name in another lane, or it
-- has been renamed since. If another writer took a domain, the insert fails; the wave begins again and finds that company.
insert into companies (account_id, id, name, name_key, domain, domain_key, created_at, created_by, updated_at, updated_by)
select @account, m.id, m.name, m.name_key, m.domain, m.domain, now(), @user, now(), @user
from unnest(@ids, @names, @name_keys, @domains) as m(id, name, name_key, domain)
order by m.name_key collate "C"
on conflict (account_id, id) do nothing
returning id
