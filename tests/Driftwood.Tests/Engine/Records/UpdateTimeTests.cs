using System.Globalization;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Maintenance;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Records;

/// <summary>Lists, counts and filters by <c>updated_at</c>, of which there is no index, and the table that stands in for one.</summary>
public sealed class UpdateTimeTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private readonly EngineRig _rig = new(database.DataSource);
    private readonly RecordQueries _queries = new(database.DataSource);
    private readonly LatestChangesCleanup _cleanup = new(database.DataSource, EngineRig.Dialect);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, "city = 'Oslo'")]
    [InlineData(true, "city = 'Oslo'")]
    [InlineData(false, "updated_at >= '2024-01-01T00:20:00Z' AND updated_at < '2024-01-01T00:40:00Z' AND city <> 'Oslo'")]
    [InlineData(true, "updated_at >= '2024-01-01T00:20:00Z' AND updated_at < '2024-01-01T00:40:00Z' AND city <> 'Oslo'")]
    [InlineData(true, "updated_at = '2024-01-01T00:30:00Z'")]
    [InlineData(false, "city = 'nowhere'")]
    public async Task Pages_in_the_order_of_time_hold_each_record_once(bool descending, string? condition)
    {
        var tenant = await ChangedContactsAsync();
        var query = new RecordQuery(RecordTypes.Contacts, Read(condition)) { OrderBy = RecordType.UpdatedAt, Descending = descending };
        foreach (var limit in (int[])[1, 7, 100, 3_000])
        {
            List<Guid> paged = [];
            RecordPlace? after = null;
            do
            {
                var page = await _queries.ListAsync(query, tenant.Account, after, limit, CancellationToken);
                Assert.InRange(page.Records.Count, 0, limit);
                paged.AddRange(page.Records.Select(record => record.Id));
                after = page.Last;
            }
            while (after is not null && paged.Count < (limit == 1 ? 40 : int.MaxValue));

            var expected = await InMemoryAsync(tenant, condition, descending);
            Assert.Equal(limit == 1 ? expected.Take(40) : expected, paged);
        }
    }

    [Fact]
    public async Task A_filter_by_time_finds_few_records_by_time_and_many_by_a_scan()
    {
        var tenant = await ChangedContactsAsync();
        await _rig.ExecuteAsync(
            """
            insert into latest_changes (account_id, record_type, updated_at, id, part, records, record_ids)
            select @account, 'contacts', timestamptz '2020-01-01Z', gen_random_uuid(), n, 2000, array_fill(gen_random_uuid(), array[2000])
            from generate_series(1, 20) n
            """,
            ("account", tenant.Account));
        foreach (var (condition, isByTime) in new[]
        {
            ("updated_at >= '2024-01-01T00:20:00Z' AND updated_at < '2024-01-01T00:40:00Z'", true),
            ("updated_at >= '2019-01-01'", false),
            ("NOT updated_at < '2024-01-01T00:59:00Z'", false),
            ("updated_at >= '2024-01-01T00:59:00Z' OR city = 'Oslo'", false),
        })
        {
            var query = new RecordQuery(RecordTypes.Contacts, Read(condition));
            var planned = await _queries.PlanPagesAsync(query, tenant.Account, CancellationToken);
            Assert.Equal((condition, isByTime), (condition, planned.IsByTime));
            var expected = await CountAsync(
                $"select count(*) from contacts where account_id = @account and ({condition})", ("account", tenant.Account));
            Assert.InRange(expected, 1, 2_000);
            Assert.Equal(expected, await _queries.CountAsync(query, tenant.Account, CancellationToken));
            var page = await _queries.ListAsync(query, tenant.Account, null, 2_000, CancellationToken);
            Assert.Equal(expected, page.Records.Count);
            Assert.Equal(page.Records.Select(record => record.Id).OrderDescending(), page.Records.Select(record => record.Id));
        }
    }

    [Fact]
    public async Task The_clean_up_leaves_each_record_at_its_latest_time_only()
    {
        var tenant = await ChangedContactsAsync();
        var before = await StateAsync(tenant);
        await _cleanup.RunAsync(CancellationToken);
        Assert.Equal(before, await StateAsync(tenant)); // no row is an hour old

        await _rig.ExecuteAsync(
            "update latest_changes set check_at = now() - interval '1 minute' where account_id = @account", ("account", tenant.Account));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _cleanup.RunAsync(CancellationToken)));

        Assert.True(before.Records > before.Live);
        Assert.Equal((before.Live, before.Live), await StateAsync(tenant));
        Assert.Equal(0, await CountAsync(
            "select count(*) from latest_changes where account_id = @account and check_at < now() + interval '1 year'",
            ("account", tenant.Account)));
        await Pages_in_the_order_of_time_hold_each_record_once(true, "city = 'Oslo'");
    }

    // 2,000 contacts of 60 times. A third was changed again by then, and some are gone.
    private async Task<Tenant> ChangedContactsAsync()
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.ExecuteAsync(
            """
            create temporary table times (n integer, id uuid, first timestamptz, latest timestamptz) on commit drop;
            insert into times select n, gen_random_uuid(), timestamptz '2024-01-01Z' + n % 60 * interval '1 minute', null
            from generate_series(1, 2300) n;
            update times set latest = case when n % 3 = 0 then first + n % 17 * interval '1 minute' else first end;
            insert into contacts (account_id, id, first_name, city, created_at, created_by, updated_at, updated_by)
            select @account, id, 'f' || n, case n % 50 when 0 then 'Oslo' else 'Bergen' end, first, @owner, latest, @owner
            from times where n <= 2000;
            insert into latest_changes (account_id, record_type, updated_at, id, part, records, record_ids)
            select @account, 'contacts', t.at, gen_random_uuid(), 0, count(*), array_agg(t.id order by t.id)
            from (select first as at, id, n % 4 as part from times union select latest, id, n % 4 from times) t
            group by t.at, t.part
            """,
            ("account", tenant.Account), ("owner", tenant.Owner));
        return tenant;
    }

    private async Task<List<Guid>> InMemoryAsync(Tenant tenant, string? condition, bool descending)
    {
        var direction = descending ? "desc" : "asc";
        var found = await _rig.ListAsync(
            $"""
            select id::text from contacts where account_id = @account and ({condition ?? "true"})
            order by updated_at {direction}, id {direction}
            """,
            ("account", tenant.Account));
        return [.. found.Select(Guid.Parse)];
    }

    // The records that rows name, and the contacts that are found by them.
    private async Task<(long Records, long Live)> StateAsync(Tenant tenant) => (
        await CountAsync("select coalesce(sum(records), 0)::bigint from latest_changes where account_id = @account",
            ("account", tenant.Account)),
        await CountAsync(
            """
            select count(*) from contacts r where r.account_id = @account and exists (
                select from latest_changes l
                where l.account_id = r.account_id and l.updated_at = r.updated_at and r.id = any (l.record_ids))
            """,
            ("account", tenant.Account)));

    private async Task<long> CountAsync(string sql, params (string Name, object Value)[] parameters) =>
        long.Parse((await _rig.ListAsync($"select ({sql})::text", parameters)).Single(), CultureInfo.InvariantCulture);

    private static Filter? Read(string? query) =>
        query is null ? null : QueryText.Read(query, [RecordTypes.Contacts], RecordTypes.Contacts, out _)!.Filter;
}
