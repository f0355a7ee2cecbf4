-- Checks rows of latest_changes that are due. It takes out the records that have another updated_at by now, or that are gone, and deletes
-- the rows that are left without any. A row is checked again when it is twice as old. Returns the number of rows that were checked.
with due as materialized (
    select d.*
    from (
        select n.*, sum(n.records) over (order by n.check_at, n.account_id, n.id, n.part) - n.records as earlier
        from (
            select * from latest_changes where check_at <= now() order by check_at limit @rows for update skip locked) n) d
    where d.earlier < @records),
latest as (
    select d.account_id, d.record_type, d.updated_at, d.id, d.part, array_agg(u.id order by u.place) as record_ids
    from due d
    cross join lateral unnest(d.record_ids) with ordinality as u (id, place)
    where case
        when d.type_id is not null then (
            select true from custom_records r
            where r.account_id = d.account_id and r.type_id = d.type_id and r.id = u.id and r.updated_at = d.updated_at limit 1)
        when d.record_type = 'contacts' then (
            select true from contacts r where r.account_id = d.account_id and r.id = u.id and r.updated_at = d.updated_at limit 1)
        when d.record_type = 'companies' then (
            select true from companies r where r.account_id = d.account_id and r.id = u.id and r.updated_at = d.updated_at limit 1)
        when d.record_type = 'sources' then (
            select true from sources r where r.account_id = d.account_id and r.id = u.id and r.updated_at = d.updated_at limit 1)
    end
    group by d.account_id, d.record_type, d.updated_at, d.id, d.part),
kept as (
    update latest_changes l
    set check_at = now() + (now() - l.updated_at),
        records = cardinality(n.record_ids),
        record_ids = case when l.records = cardinality(n.record_ids) then l.record_ids else n.record_ids end
    from latest n
    where l.account_id = n.account_id and l.record_type = n.record_type and l.updated_at = n.updated_at and l.id = n.id
      and l.part = n.part),
removed as (
    delete from latest_changes l using due d
    where l.account_id = d.account_id and l.record_type = d.record_type and l.updated_at = d.updated_at and l.id = d.id
      and l.part = d.part
      and not exists (
          select from latest n
          where n.account_id = d.account_id and n.record_type = d.record_type and n.updated_at = d.updated_at and n.id = d.id
            and n.part = d.part))
select count(*) from due
