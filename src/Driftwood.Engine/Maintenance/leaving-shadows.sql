select account_id, id from jobs where shadows = 'leaving' order by id limit 10;
