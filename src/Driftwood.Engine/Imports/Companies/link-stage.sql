-- Gives each row of a wave its company: the one at its place in @links, where the zero id stands for none. By place, since a
-- join of the stage with a list would compare each row with each.
update stage s
set link_id = nullif((@links)[s.seq + 1], '00000000-0000-0000-0000-000000000000')
where s.wave = @wave;
