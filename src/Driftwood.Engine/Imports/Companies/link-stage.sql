-- Gives each row of a wave its company: the id at the row's place in @links; the zero id means none. It uses the place because a
-- join of the stage with a list would compare each row with each element.
update stage s
set link_id = nullif((@links)[s.seq + 1], '00000000-0000-0000-0000-000000000000')
where s.account_id = @account and s.wave = @wave;
