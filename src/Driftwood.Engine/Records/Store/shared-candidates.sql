-- Keys that several records share, the most common first, each with its first records and the value of the very first one.
with shared as (
    select key, count(*) as records
    from unique_candidates
    group by key
    having count(*) > 1
    order by count(*) desc, key
    limit @keys
),
placed as (
    select c.key, s.records, c.value, c.record_id, row_number() over (partition by c.key order by c.record_id) as place
    from unique_candidates c
    join shared s on s.key = c.key
)
select max(value) filter (where place = 1), records, array_agg(record_id order by place)
from placed
where place <= @ids
group by key, records
order by records desc, key;
