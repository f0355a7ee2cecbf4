namespace Driftwood.Benchmarks;

/// <summary>
/// The statements of the hand-written script. They apply a file staged in <c>hand_stage</c> to the tables and indexes that
/// Driftwood writes to. Ids are in the order of time, like Driftwood's. A million random ids would make the script half as slow
/// again.
/// </summary>
internal static class HandWrittenSql
{
    public const string Stage = """
        drop table if exists hand_stage;
        create unlogged table hand_stage (first_name text, last_name text, email text, phone text, company_name text, city text);
        create table if not exists hand_errors (account_id uuid, code text, first_name text, last_name text, email text, phone text,
            company_name text, city text);
        """;

    /// <summary>With this memory PostgreSQL hashes a million contacts in one piece and updates them in stored order.</summary>
    public const string Settings = "set local work_mem = '256MB'";

    public const string CopyStage =
        "copy hand_stage (first_name, last_name, email, phone, company_name, city) from stdin (format csv, header true)";

    public const string Skip = $"insert into contacts ({Columns}) {Values} {OnConflict} do nothing";

    public const string Merge = $"update contacts c set {Kept}, updated_at = now(), updated_by = @user {FromStage}";

    public const string Overwrite = $"""
        update contacts c set
            first_name = nullif(s.first_name, ''), last_name = nullif(s.last_name, ''), email = s.email, email_key = {EmailKey},
            phone = nullif(s.phone, ''), phone_key = nullif({PhoneKey}, ''), company_name = nullif(s.company_name, ''),
                city = nullif(s.city, ''),
            job_title = null, company_id = null, source_id = null, website = null, linkedin_url = null, address = null, state = null,
            postal_code = null, country = null, birthday = null, description = null, custom = DEFAULT, tags = DEFAULT, tag_keys = DEFAULT,
            updated_at = now(), updated_by = @user
        {FromStage}
        """;

    public const string Mixed = $"""
        insert into hand_errors (account_id, code, first_name, last_name, email, phone, company_name, city)
        select @account, 'invalid_email', s.first_name, s.last_name, s.email, s.phone, s.company_name, s.city from hand_stage s
            where not {IsEmail};

        update contacts c set {Kept}, updated_at = now(), updated_by = @user {FromStage} and {IsEmail};

        insert into contacts ({Columns}) {Values} where {IsEmail}
            and not exists (select 1 from contacts c where c.account_id = @account and c.email_key = {EmailKey})
        {OnConflict} do nothing
        """;

    private const string Columns =
        "account_id, id, first_name, last_name, email, email_key, phone, phone_key, company_name, city, created_at, created_by, "
        + "updated_at, updated_by";

    private const string EmailKey = "lower(trim(s.email))";

    // This is twice as fast as a regular expression.
    private const string PhoneKey = "translate(s.phone, translate(s.phone, '+0123456789', ''), '')";

    private const string IsEmail = @"s.email ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$'";

    // A UUID v7. PostgreSQL has a function for it only from version 18 on.
    private const string NewId =
        "(lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(gen_random_uuid()::text, "
        + "16))::uuid";

    private const string Values = $"""
        select @account, {NewId}, nullif(s.first_name, ''), nullif(s.last_name, ''), s.email, {EmailKey}, nullif(s.phone, ''),
            nullif({PhoneKey}, ''),
               nullif(s.company_name, ''), nullif(s.city, ''), now(), @user, now(), @user
        from hand_stage s
        """;

    private const string OnConflict = "on conflict (account_id, email_key) where email_key is not null";

    private const string Kept = $"""
        first_name = coalesce(nullif(s.first_name, ''), c.first_name), last_name = coalesce(nullif(s.last_name, ''), c.last_name),
        email = s.email, phone = coalesce(nullif(s.phone, ''), c.phone), phone_key = coalesce(nullif({PhoneKey}, ''), c.phone_key),
        company_name = coalesce(nullif(s.company_name, ''), c.company_name), city = coalesce(nullif(s.city, ''), c.city)
        """;

    private const string FromStage = $"from hand_stage s where c.account_id = @account and c.email_key = {EmailKey}";
}
