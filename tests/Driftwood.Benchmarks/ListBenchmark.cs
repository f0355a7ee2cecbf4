using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Driftwood.Benchmarks;

/// <summary>
/// Lists and counts contacts through Driftwood's public API: the median of repeated pages under a selective filter, the
/// first page beside the thousandth, and exact counts under filters that select much.
/// </summary>
internal static class ListBenchmark
{
    private const int Repeats = 31;

    private static readonly (string Name, string Query)[] Selective =
    [
        ("tag of 0.2 %", "tags HAS 'tag 7'"),
        ("two tags, one rare", "tags HAS ALL ('tag 7', 'all')"),
        ("e-mail equals", "email = 'User4711@Example.com'"),
        ("e-mail starts with", "email STARTS WITH 'user12'"),
        ("tag of the oldest 0.5 %", "tags HAS 'first import'"),
        ("made in the first minutes", "created_at < '2025-03-07T08:00:00Z'"),
        ("made in the last minutes", "created_at >= '2025-06-30T23:55:00Z'"),
        ("changed in the first minutes", "updated_at < '2025-03-07T08:00:00Z'"),
        ("changed in the last minutes", "updated_at >= '2025-06-30T23:55:00Z'"),
        ("custom number, unique", "member_no = 4711"),
        ("city of 1.1 %, no index", "city = 'City of 7'"),
    ];

    private static readonly (string Name, string Query)[] Unselective =
    [
        ("all", "id IS NOT NULL"),
        ("city is not", "city <> 'City of 7'"),
        ("has the tag of 10 %", "tags HAS 'all'"),
        ("contains", "last_name CONTAINS 't10'"),
        ("custom choice", "tier = 'gold'"),
        ("three conditions", "city <> 'City of 7' AND NOT (tags HAS 'tag 7') AND created_at >= '2025-01-02'"),
    ];

    public static async Task RunAsync(int rows)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        var account = await database.CreateAccountAsync();
        await SeedAsync(database, account.Id, account.User, rows);
        await using var service = await Service.StartAsync(database);
        using var api = service.Client(account.Token);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{rows:N0} contacts, {database.Machine}; milliseconds, median of {Repeats}"));
        foreach (var (name, query) in Selective)
        {
            Console.WriteLine($"page of 50, {name,-28} {await MedianAsync(api, "contacts-list", new { query, limit = 50 })}");
        }

        foreach (var orderBy in new[] { "id", "email", "created_at", "updated_at" }) await PageThroughAsync(api, orderBy, rows);
        foreach (var (name, query) in Unselective)
        {
            Console.WriteLine($"exact count, {name,-27} {await MedianAsync(api, "contacts-count", new { query })}");
        }

        Console.WriteLine(
            $"estimate                                 "
            + $"{await MedianAsync(api, "contacts-count", new { query = Unselective[1].Query, estimate = true })}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {service.PeakMegabytes:0} MB"));
    }

    /// <summary>Reads a thousand pages, or all if there are fewer, and compares the first pages with the last.</summary>
    private static async Task PageThroughAsync(ApiClient api, string orderBy, int rows)
    {
        var pages = Math.Min(1000, rows / 50);
        List<double> times = [];
        string? cursor = null;
        for (var page = 0; page < pages; page++)
        {
            var clock = Stopwatch.GetTimestamp();
            var answer = await api.CallAsync("contacts-list", new { order_by = orderBy, limit = 50, cursor });
            times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            cursor = answer.GetProperty("next_cursor").GetString();
        }

        var some = Math.Min(Repeats, pages);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"by {orderBy,-10} pages 1 to {some} {Median(times[..some]):0.0}, pages {pages - some + 1} to {pages} "
                + $"{Median(times[^some..]):0.0}"));
    }

    private static async Task<string> MedianAsync(ApiClient api, string route, object request)
    {
        List<double> times = [];
        JsonElement answer = default;
        for (var i = 0; i < Repeats; i++)
        {
            var clock = Stopwatch.GetTimestamp();
            answer = await api.CallAsync(route, request);
            times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }

        var found = answer.TryGetProperty("count", out var count) ? count.GetInt64() : answer.GetProperty("items").GetArrayLength();
        return string.Create(CultureInfo.InvariantCulture, $"{Median(times),7:0.0}   ({found:N0})");
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    // Multiplication with a prime spreads the values, so neighbours in the table are not alike.
    private static async Task SeedAsync(BenchmarkDatabase database, Guid account, Guid user, int rows)
    {
        await database.ExecuteAsync("insert into record_schemas (account_id, record_type, next_slot) values ($1, 'contacts', 3)", account);
        var memberNumber = Guid.CreateVersion7();
        await database.ExecuteAsync(
            """
            insert into fields (account_id, id, record_type, slot, key, label, kind, required, is_unique, options, created_at, created_by,
                updated_at, updated_by)
            values ($1, $2, 'contacts', 1, 'member_no', 'Member No', 'integer', false, true, '{}', now(), $4, now(), $4),
                   ($1, $3, 'contacts', 2, 'tier', 'Tier', 'choice', false, false, '{gold,silver}', now(), $4, now(), $4)
            """,
            account, memberNumber, Guid.CreateVersion7(), user);
        await database.ExecuteAsync(
            """
            insert into contacts (account_id, id, first_name, last_name, email, email_key, phone, phone_key, company_name, city, custom,
                                  tags, tag_keys, created_at, created_by, updated_at, updated_by)
            select $1, (lpad(to_hex(1750000000000 + i), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4,
                15))::uuid,
                   'First' || n % 977, 'Last' || n % 1013, 'User' || n || '@Example.com', 'user' || n || '@example.com',
                   '+1 555 ' || n, '+1555' || n, 'Acme Company ' || n % 500, 'City of ' || n % 90,
                   jsonb_build_object('1', n, '2', case when n % 3 = 0 then 'gold' else 'silver' end),
                   t.tags, t.tags, timestamptz '2025-07-01' - (($3 - i) * interval '10 seconds'), $2,
                       timestamptz '2025-07-01' - (($3 - i) * interval '10 seconds'), $2
            from (select i, i::bigint * 15485863 % $3 as n from generate_series(1, $3) as i) numbered
            cross join lateral (select case when i <= $3 / 200 then array['first import']
                when n % 10 = 0 then array['all', 'tag ' || n / 10 % 50] else '{}' end as tags) t
            """,
            account, user, rows);
        await database.ExecuteAsync(
            """
            insert into latest_changes (account_id, record_type, updated_at, id, part, records, record_ids)
            select account_id, 'contacts', updated_at, id, 0, 1, array[id] from contacts
            """);
        await database.ExecuteAsync("insert into unique_values select account_id, $1, custom ->> '1', id from contacts", memberNumber);
        await database.ExecuteAsync("vacuum analyze contacts");
        await database.ExecuteAsync("vacuum analyze unique_values");
        await database.ExecuteAsync("checkpoint");
    }
}
