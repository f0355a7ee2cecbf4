-- Makes the companies that an import is missing, in the order of their names, so that two imports of the same companies wait
-- for each other and do not deadlock. A company that is there under its id stays: this job made it for the same name in another
-- lane, or it has been renamed since. A domain that another writer took is a clash: the wave begins again and finds it.
insert into companies (account_id, id, name, name_key, domain, domain_key, created_at, created_by, updated_at, updated_by)
select @account, m.id, m.name, m.name_key, m.domain, m.domain, now(), @user, now(), @user
from unnest(@ids, @names, @name_keys, @domains) as m(id, name, name_key, domain)
order by m.name_key collate "C"
on conflict (account_id, id) do nothing;
