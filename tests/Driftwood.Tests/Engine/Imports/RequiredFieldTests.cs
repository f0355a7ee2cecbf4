using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

public sealed class RequiredFieldTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private static readonly string[] Headers = ["Email", "Any", "City"];

    // This custom field is as good a key as a built-in field.
    private static readonly Field Any = CustomFields.Make(
        Guid.CreateVersion7(), 1, "any", "Any", FieldKind.Text, required: true, unique: false, []);

    private readonly EngineRig _rig = new(database.DataSource);

    [Fact]
    public async Task What_a_record_lacks_as_a_whole_is_named_before_the_field_it_lacks()
    {
        var tenant = await _rig.NewTenantAsync();
        var type = RecordTypes.Extend(RecordTypes.Contacts, [Any], 0);
        await _rig.AddTypeAsync(tenant, type);
        var spec = new ImportSpec
        {
            ColumnMapping = new Dictionary<string, string> { ["Email"] = "email", ["Any"] = "any", ["City"] = "city" },
            MatchOn = "email",
        };
        var file = Encoding.UTF8.GetBytes("Email,Any,City\nann@x.io,a,Oslo\n,,Oslo\n,b,Oslo\nbo@x.io,,Oslo\n");
        var job = await _rig.AddImportAsync(tenant, type, spec, Headers, file, 4);

        await _rig.RunLaneAsync(tenant, job, new LaneOptions());

        Assert.Equal(["2 required -", "3 required -", "4 required any"], await _rig.ErrorsAsync(tenant, job));
    }

    [Fact]
    public async Task A_field_that_became_required_and_is_not_mapped_is_not_cleared_by_an_overwrite()
    {
        var tenant = await _rig.NewTenantAsync();
        var type = RecordTypes.Extend(RecordTypes.Contacts, [Any], 0);
        await _rig.AddTypeAsync(tenant, type);
        var ann = new PlainRecord { Id = Guid.CreateVersion7(), Values = { ["email"] = "ann@x.io", ["any"] = "a" } };
        await _rig.AddRecordsAsync(tenant, type, [ann]);
        var spec = new ImportSpec
        {
            ColumnMapping = new Dictionary<string, string> { ["Email"] = "email", ["City"] = "city" },
            MatchOn = "email",
            DuplicateStrategy = DuplicateStrategy.Overwrite,
        };
        var job = await _rig.AddImportAsync(
            tenant, type, spec, Headers, Encoding.UTF8.GetBytes("Email,Any,City\nann@x.io,,Oslo\nbo@x.io,,Oslo\n"), 2);

        await _rig.RunLaneAsync(tenant, job, new LaneOptions());

        Assert.Equal(["1 required any", "2 required any"], await _rig.ErrorsAsync(tenant, job));
        Assert.Equal([ann.Show(type)], await _rig.ShowRecordsAsync(tenant, type, new HashSet<Guid> { ann.Id!.Value }));
    }
}
