using System.Text.Json;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>Reads pages of the few targets that succeeded among very many that failed.</summary>
public sealed class BulkResultsBoundTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int Targets = 200_000;
    private const int Lanes = 2;
    private const int OneIn = 40_011;

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly BulkResults _results = new(database.DataSource);

    [Fact]
    public async Task However_many_failed_a_page_looks_at_so_many_targets_and_none_is_left_out()
    {
        CitusNodes.RequireOneServer("A coordinator does not tell what its nodes read.");
        var tenant = await _rig.NewTenantAsync();
        var targets = Enumerable.Range(0, Targets).Select(_ => Guid.CreateVersion7()).ToArray();
        await _rig.AddRecordsAsync(
            tenant, RecordTypes.Contacts,
            [.. targets.Where((_, n) => n % OneIn == 7).Select(id => new PlainRecord { Id = id, Values = { ["last_name"] = "A" } })]);
        var job = await _rig.AddBulkAsync(tenant, RecordTypes.Contacts, "delete", "{}", targets, Lanes);
        await new LaneStorm(_rig, tenant, job, Lanes, new LaneOptions()).RunAsync(null);

        await RequireBoundedAsync(tenant, job);
        await _rig.ExecuteAsync("analyze bulk_target_runs, target_failures");
        await RequireBoundedAsync(tenant, job);

        List<TargetResult> found = [];
        var pages = 0;
        for (long? place = BulkResults.Start; place is not null; pages++)
        {
            var page = await _results.ReadAsync(
                tenant.Account, job, TargetOutcome.Succeeded, place.Value, 50, TestContext.Current.CancellationToken);
            found.AddRange(page.Items);
            place = page.Next;
        }

        Assert.Equal(
            targets.Index().Where(target => target.Index % OneIn == 7).Select(target => (Guid?)target.Item),
            found.Select(result => result.EntityId));
        Assert.InRange(pages, Targets / BulkResults.MaxTargets, (Targets / BulkResults.MaxTargets) + 1);
    }

    // A page may read the job's runs, of which there are few, and the failures of its targets.
    private async Task RequireBoundedAsync(Tenant tenant, Guid job)
    {
        foreach (var after in (long[])[BulkResults.Start, Targets / 2])
        {
            var plan = await ExplainAsync(tenant, job, after);
            Assert.InRange(Touched(plan), BulkResults.MaxAtOnce - 10, BulkResults.MaxAtOnce + 300);
        }
    }

    private async Task<JsonElement> ExplainAsync(Tenant tenant, Guid job, long after)
    {
        await using var command = _rig.Database.CreateCommand("explain (analyze, format json) " + SqlText.Of("bulk-results"));
        command.Parameters.AddWithValue("account", tenant.Account);
        command.Parameters.AddWithValue("job", job);
        command.Parameters.AddWithValue("limit", 51);
        command.Parameters.AddWithValue("after", after);
        command.Parameters.AddWithValue("to", after + BulkResults.MaxAtOnce);
        command.Parameters.AddWithValue("succeeded", true);
        return JsonElement.Parse((string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!)[0].GetProperty("Plan");
    }

    /// <summary>The number of target and failure rows that a plan read, including those that a filter dropped.</summary>
    private static double Touched(JsonElement node)
    {
        double Of(string name) => node.TryGetProperty(name, out var rows) ? rows.GetDouble() : 0;
        var isTable = node.TryGetProperty("Relation Name", out var table) && table.GetString() is "bulk_target_runs" or "target_failures";
        var own = isTable ? (Of("Actual Rows") + Of("Rows Removed by Filter") + Of("Rows Removed by Index Recheck")) * Of("Actual Loops")
            : 0;
        return own + (node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().Sum(Touched) : 0);
    }
}
