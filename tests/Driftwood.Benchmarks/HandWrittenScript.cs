using System.Diagnostics;
using Npgsql;

namespace Driftwood.Benchmarks;

/// <summary>
/// What a database administrator would write: COPY into an unlogged staging table, then one statement on the same
/// tables and indexes, in one session and one transaction. It checks nothing and reports nothing.
/// </summary>
internal static class HandWrittenScript
{
    private const string Stage = """
        drop table if exists hand_stage;
        create unlogged table hand_stage (first_name text, last_name text, email text, phone text, company_name text, city text, id uuid default gen_random_uuid());
        """;

    private const string Columns = "account_id, id, first_name, last_name, email, email_key, phone, phone_key, company_name, city, created_at, created_by, updated_at, updated_by";

    private const string Values = """
        select @account, s.id, s.first_name, s.last_name, s.email, lower(trim(s.email)), s.phone, regexp_replace(s.phone, '[^0-9+]', '', 'g'), s.company_name, s.city,
               now(), @user, now(), @user from hand_stage s
        """;

    private const string Skip = $"""
        insert into contacts ({Columns}) {Values}
        on conflict (account_id, email_key) where email_key is not null do nothing
        """;

    private const string Merge = """
        update contacts c set
            first_name = coalesce(nullif(s.first_name, ''), c.first_name), last_name = coalesce(nullif(s.last_name, ''), c.last_name),
            email = coalesce(nullif(s.email, ''), c.email), phone = coalesce(nullif(s.phone, ''), c.phone),
            phone_key = coalesce(regexp_replace(nullif(s.phone, ''), '[^0-9+]', '', 'g'), c.phone_key),
            company_name = coalesce(nullif(s.company_name, ''), c.company_name), city = coalesce(nullif(s.city, ''), c.city),
            updated_at = now(), updated_by = @user
        from hand_stage s where c.account_id = @account and c.email_key = lower(trim(s.email))
        """;

    public static async Task<TimeSpan> RunAsync(NpgsqlDataSource database, string path, string strategy, Guid account, Guid user)
    {
        await using var connection = await database.OpenConnectionAsync();
        await ExecuteAsync(connection, Stage);
        var clock = Stopwatch.StartNew();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using (var copy = await connection.BeginTextImportAsync("copy hand_stage (first_name, last_name, email, phone, company_name, city) from stdin (format csv, header true)"))
            using (var file = new StreamReader(path))
            {
                var block = new char[1 << 16];
                for (int read; (read = await file.ReadAsync(block)) > 0;) await copy.WriteAsync(block.AsMemory(0, read));
            }

            await ExecuteAsync(connection, strategy == "skip" ? Skip : Merge, account, user);
            await transaction.CommitAsync();
        }

        return clock.Elapsed;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, Guid account = default, Guid user = default)
    {
        await using var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 };
        if (account != default)
        {
            command.Parameters.AddWithValue("account", account);
            command.Parameters.AddWithValue("user", user);
        }

        await command.ExecuteNonQueryAsync();
    }
}
