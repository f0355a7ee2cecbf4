using System.Text;
using Driftwood.Engine.Imports;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records;

namespace Driftwood.Tests.Engine.Imports;

public sealed class RequiredFieldTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private static readonly string[] Headers = ["Email", "Any", "City"];

    private readonly EngineRig _rig = new(database.DataSource);

    [Fact]
    public async Task What_a_record_lacks_as_a_whole_is_named_before_the_field_it_lacks()
    {
        var tenant = await _rig.NewTenantAsync();
        // "any" is as good a key as another.
        var any = CustomFields.Make(Guid.CreateVersion7(), 1, "any", "Any", FieldKind.Text, required: true, unique: false, []);
        await _rig.AddTypeAsync(tenant, RecordTypes.Extend(RecordTypes.Contacts, [any], 0));
        var spec = new ImportSpec
        {
            ColumnMapping = new Dictionary<string, string> { ["Email"] = "email", ["Any"] = "any", ["City"] = "city" },
            MatchOn = "email",
        };
        var file = Encoding.UTF8.GetBytes("Email,Any,City\nann@x.io,a,Oslo\n,,Oslo\n,b,Oslo\nbo@x.io,,Oslo\n");
        var job = await _rig.AddImportAsync(tenant, RecordTypes.Contacts, spec, Headers, file, 4);

        await _rig.RunLaneAsync(tenant, job, new LaneOptions());

        Assert.Equal(["2 required -", "3 required -", "4 required any"], await _rig.ErrorsAsync(tenant, job));
    }
}
