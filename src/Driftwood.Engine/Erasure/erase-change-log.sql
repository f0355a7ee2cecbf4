-- Takes what some records held out of the change log. That they were changed, when and by whom stays. The erasure's own log has neither
-- details nor images: it gets the marks, so that its records cannot come back. Which rows were linked with a company stays too.
update changes c
set details = case when c.effect <> 'deleted' then (
        select string_agg(case when u.record_id = any (@ids) then '!' else u.detail end, E'\n' order by u.place)
        from unnest(c.record_ids, string_to_array(c.details, E'\n')) with ordinality as u (record_id, detail, place)) end,
    {images} = case when c.effect = 'deleted' then {left} end
where c.account_id = @account and c.record_type = @type and c.type_id is not distinct from @type_id
  and (c.details is not null or c.{images} is not null or c.job_id = @job) and c.effect <> 'linked'
  and c.first_id <= @last and c.last_id >= @first and c.record_ids && @ids;
