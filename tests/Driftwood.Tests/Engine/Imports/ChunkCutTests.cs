using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>The rows of a chunk need more waves than one transaction may have.</summary>
public sealed class ChunkCutTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int People = 150;

    private static readonly string[] Headers = ["Email", "Ext"];

    private readonly EngineRig _rig = new(database.DataSource);

    [Fact]
    public async Task Blank_rows_after_the_cut_count_with_the_chunk_that_has_them()
    {
        var tenant = await _rig.NewTenantAsync();
        var people = Enumerable.Range(0, People).Select(i => new PlainRecord
        {
            Id = Guid.CreateVersion7(),
            Values = { ["email"] = $"p{i}@x.io", ["external_id"] = $"e{i}" },
        });
        await _rig.AddRecordsAsync(tenant, RecordTypes.Contacts, [.. people]);
        // Each row takes the value that the row before gives up, so each row needs its own wave. A blank row follows each row.
        var rows = Enumerable.Range(0, People).Reverse().Select(i => $"p{i}@x.io,e{i + 1}\n,\n");
        var file = Encoding.UTF8.GetBytes("Email,Ext\n" + string.Concat(rows));
        var spec = new ImportSpec
        {
            ColumnMapping = new Dictionary<string, string> { ["Email"] = "email", ["Ext"] = "external_id" },
            MatchOn = "email",
            DuplicateStrategy = DuplicateStrategy.Merge,
        };
        var job = await _rig.AddImportAsync(tenant, RecordTypes.Contacts, spec, Headers, file, 2 * People);

        var result = await _rig.RunLaneAsync(tenant, job, new LaneOptions { ChunkRows = 3 * People });

        Assert.Equal(LaneEnd.Completed, result.End);
        var state = await _rig.StateAsync(tenant, job);
        Assert.Equal(("completed", null, new LaneCounts(0, People, 0, People, 0)), (state.Status, state.Error, state.Counts));
    }
}
