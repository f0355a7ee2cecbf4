namespace Driftwood.Benchmarks;

/// <summary>Makes the contacts for bulk jobs.</summary>
internal static class SeededContacts
{
    /// <summary>The filter that finds the target contacts. They have a first name.</summary>
    public static readonly object All = new { field = "first_name", op = "is_not_blank" };

    /// <param name="database">The database that gets the contacts.</param>
    /// <param name="account">The account that gets the contacts.</param>
    /// <param name="rows">The number of target contacts.</param>
    /// <param name="rest">The number of other contacts.</param>
    public static Task AddAsync(BenchmarkDatabase database, Account account, int rows, int rest = 0) => database.ExecuteAsync(
        """
        insert into contacts (account_id, id, first_name, last_name, email, email_key, phone, phone_key, company_name, city,
                              tags, tag_keys, created_at, created_by, updated_at, updated_by)
        select $1, (lpad(to_hex(1750000000000 + n), 12, '0') || '7' || substr(gen_random_uuid()::text, 16))::uuid,
               case when n <= $3 then 'First' || n % 977 end, 'Last' || n % 1013, 'User' || n || '@Example.com',
                   'user' || n || '@example.com',
               '+1 555 ' || n, '+1555' || n, 'Acme Company ' || n % 500, 'City of ' || n % 90, t.tags, t.tags, now(), $2, now(), $2
        from generate_series(1, $3 + $4) as n
        cross join lateral (select case n % 4 when 0 then '{}' when 1 then array['old'] when 2 then array['vip', 'old']
            else array['new'] end as tags) t
        """,
        account.Id, account.User, rows, rest);
}
