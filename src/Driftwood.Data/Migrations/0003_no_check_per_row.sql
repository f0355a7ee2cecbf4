-- A foreign key costs a look-up and a lock of the same row for every row that is written: of accounts 28 % of an insert of
-- contacts, with several lanes a queue for one tuple besides. These hold by themselves: a record is written by a caller
-- whose token belongs to the account, or by a chunk that has locked its lane, whose job belongs to it; a custom type is
-- deleted under a lock that keeps writers of its records out, and only when it has none; rows of a job are written by its
-- lanes. Accounts and jobs are never deleted. What links records with each other stays.
alter table contacts drop constraint contacts_account_id_fkey;
alter table companies drop constraint companies_account_id_fkey;
alter table sources drop constraint sources_account_id_fkey;
alter table custom_records drop constraint custom_records_account_id_type_id_fkey;
alter table unique_values drop constraint unique_values_account_id_fkey;
alter table bulk_targets drop constraint bulk_targets_account_id_job_id_fkey;
alter table target_failures drop constraint target_failures_account_id_job_id_fkey;
alter table row_errors drop constraint row_errors_account_id_job_id_fkey;
