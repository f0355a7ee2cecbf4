select account_id, id from jobs where dry_run_state = 'removing' order by id limit 10;
