-- Keeps the companies that contacts are about to be linked with. Companies are locked in the order of their ids, as by those who
-- delete companies, and after the contacts. Answers how many are still there.
select count(*)
from (
    select 1
    from companies c
    where c.account_id = @account and c.id = any (@ids)
    order by c.id
    for key share of c
) locked;
