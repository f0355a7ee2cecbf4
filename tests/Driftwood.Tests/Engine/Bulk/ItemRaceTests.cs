using System.Text.Json;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>Jobs with items run beside other writers.</summary>
public sealed class ItemRaceTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int Jobs = 3;
    private const int Items = 400;

    private static readonly Field Badge = CustomFields.Make(
        Guid.CreateVersion7(), 1, "badge", "Badge", FieldKind.Text, required: false, unique: true, []);

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly RecordType _type = RecordTypes.Extend(RecordTypes.Companies, [Badge], 0);

    [Theory]
    [InlineData("domain")]
    [InlineData("badge")]
    public async Task Jobs_that_upsert_the_same_values_at_the_same_moment_make_one_record_of_each(string matchOn)
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, _type);
        List<Guid> jobs = [];
        for (var job = 0; job < Jobs; job++)
        {
            var items = Enumerable.Range(0, Items)
                .Select(n => JsonSerializer.Serialize(new { name = $"By {job}", domain = $"d{n}.io", badge = $"b{n}" })).ToArray();
            if (job % 2 == 1) Array.Reverse(items);
            jobs.Add(await _rig.AddItemsAsync(tenant, _type, "upsert", $$"""{"match_on": "{{matchOn}}"}""", items));
        }

        await Task.WhenAll(jobs.Select(job => new LaneStorm(_rig, tenant, job, 1, new LaneOptions { ChunkRows = 50 }).RunAsync(null)));

        var states = await Task.WhenAll(jobs.Select(job => _rig.StateAsync(tenant, job)));
        Assert.All(states, state => Assert.Equal(("completed", 0L), (state.Status, state.Counts.Failed)));
        Assert.Equal((Items, (Jobs - 1) * Items), (states.Sum(state => state.Counts.Created), states.Sum(state => state.Counts.Updated)));
        Assert.Empty(await _rig.ShowFlawsAsync(tenant, _type));
        var made = await _rig.ListAsync(
            """
            select c.domain_key || ' ' || (c.custom ->> '1') || ' ' || u.key from companies c
            join unique_values u on u.account_id = c.account_id and u.record_id = c.id where c.account_id = @account
            """,
            ("account", tenant.Account));
        Assert.Equal(
            Enumerable.Range(0, Items).Select(n => $"d{n}.io b{n} b{n}").Order(StringComparer.Ordinal), made.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Items_that_all_change_one_record_are_applied_in_their_order()
    {
        var tenant = await _rig.NewTenantAsync();
        var record = new PlainRecord { Id = Guid.CreateVersion7(), Values = { ["name"] = "Acme" } };
        await _rig.AddRecordsAsync(tenant, RecordTypes.Companies, [record]);
        var items = Enumerable.Range(0, 300)
            .Select(n => JsonSerializer.Serialize(
            n % 2 == 0 ? new { id = record.Id, name = $"N{n}", city = "Even" } : (object)new { id = record.Id, name = $"N{n}" }));
        var job = await _rig.AddItemsAsync(tenant, RecordTypes.Companies, "update", "{}", [.. items]);
        Assert.Equal(LaneEnd.Completed, (await _rig.RunLaneAsync(tenant, job, new LaneOptions())).End);
        Assert.Equal(300, (await _rig.StateAsync(tenant, job)).Counts.Updated);
        Assert.Equal(
            ["N299 Even"],
            await _rig.ListAsync("select name || ' ' || city from companies where account_id = @account", ("account", tenant.Account)));
    }
}
