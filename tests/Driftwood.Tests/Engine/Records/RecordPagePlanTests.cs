using System.Text.Json;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Tests.Engine.Records;

/// <summary>Counts the rows that a page reads, by EXPLAIN ANALYZE. Time would show the same, but not on every machine.</summary>
public sealed class RecordPagePlanTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int Records = 60_000;

    private readonly EngineRig _rig = new(database.DataSource);

    [Theory]
    [InlineData("tags HAS 'old'", "id", 3_000)] // all of an old import, newest first
    [InlineData("tags HAS 'old'", "updated_at", 3_000)]
    [InlineData("tags HAS 'old' AND first_name <> 'f1'", "id", 3_000)]
    [InlineData("created_at < '2020-01-01T01:00:00Z'", "id", 200)]
    [InlineData("email = 'c77@x.io'", "created_at", 10)]
    [InlineData(null, "id", 60)]
    [InlineData(null, "created_at", 60)]
    [InlineData(null, "updated_at", 200)] // of the table of times, and as many records
    [InlineData("updated_at >= '2020-01-10T00:00:00Z'", "updated_at", 200)]
    [InlineData("updated_at >= '2020-02-11T15:00:00Z'", "id", 400)] // the last hour
    [InlineData(null, "email", 60)]
    [InlineData("first_name = 'f7'", "id", 4_000)] // one in seventy, everywhere, in no index
    public async Task A_page_reads_little_more_than_it_needs(string? query, string orderBy, int most)
    {
        CitusNodes.RequireOneServer("A coordinator does not tell what its nodes read.");
        // One index of tags serves all accounts, so each test has its own tag.
        var old = $"old {Guid.NewGuid()}";
        var tenant = await FilledAsync(old);
        var filter = query is null ? null
            : QueryText.Read(
            query.Replace("'old'", $"'{old}'", StringComparison.Ordinal), [RecordTypes.Contacts], RecordTypes.Contacts, out _)!.Filter;
        var order = FilterFields.Find(RecordTypes.Contacts, orderBy)!;
        var planned = await new RecordQueries(database.DataSource).PlanPagesAsync(
            new RecordQuery(RecordTypes.Contacts, filter) { OrderBy = order }, tenant.Account, TestContext.Current.CancellationToken);
        var first = await RowsReadAsync(planned, null);
        Assert.InRange(first, 1, most);

        // A page in the middle reads little too.
        var middle = orderBy switch { "id" => null, "email" => "c4@x.io", _ => "2020-01-20 00:00:00+00" };
        Assert.InRange(await RowsReadAsync(planned, new RecordPlace(middle, MiddleId)), 0, most);
    }

    private static Guid MiddleId => Guid.Parse("00000000-0000-7000-8000-0000000075f8");

    private async Task<Tenant> FilledAsync(string old)
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.ExecuteAsync(
            """
            insert into contacts (account_id, id, first_name, email, email_key, tags, tag_keys, created_at, created_by, updated_at,
                updated_by)
            select @account, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'f' || n % 70, 'c' || n || '@x.io',
                'c' || n || '@x.io',
                   t.tags, t.tags, timestamptz '2020-01-01Z' + n * interval '1 minute', @owner,
                       timestamptz '2020-01-01Z' + n * interval '1 minute', @owner
            from generate_series(1, @records) n cross
                join lateral (select case when n <= @records / 40 then array[@old] else '{}' end::text[] as tags) t
            """,
            ("account", tenant.Account), ("owner", tenant.Owner), ("records", Records), ("old", old));
        await _rig.AddTimesAsync(tenant, RecordTypes.Contacts);
        await _rig.ExecuteAsync("analyze contacts");
        return tenant;
    }

    private async Task<long> RowsReadAsync(RecordQuerySql planned, RecordPlace? after)
    {
        var page = planned.Page(after, blanks: false, 51);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var settings = new NpgsqlCommand($"select {planned.PageSettings ?? "1"}", connection);
        await settings.ExecuteScalarAsync();
        await using var command = new NpgsqlCommand($"explain (analyze, timing off, format json) {page.CommandText}", connection);
        foreach (NpgsqlParameter parameter in page.Parameters) command.Parameters.Add(parameter.Clone());
        using var plan = JsonDocument.Parse((string)(await command.ExecuteScalarAsync())!);
        return Read(plan.RootElement[0].GetProperty("Plan"));
    }

    /// <summary>The rows that scans of records returned or dropped.</summary>
    private static long Read(JsonElement node)
    {
        var rows = 0L;
        if (node.TryGetProperty("Relation Name", out _))
        {
            var loops = node.GetProperty("Actual Loops").GetDouble();
            var thrownAway = node.TryGetProperty("Rows Removed by Filter", out var removed) ? removed.GetDouble() : 0;
            rows = (long)((node.GetProperty("Actual Rows").GetDouble() + thrownAway) * loops);
        }

        return node.TryGetProperty("Plans", out var children) ? rows + children.EnumerateArray().Sum(Read) : rows;
    }
}
