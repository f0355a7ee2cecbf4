using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine;

/// <summary>
/// A second custom type of the account, with one record. Records of all custom types share a table, and the values of them
/// all are kept apart in another: whatever is done to one type may not reach this one.
/// </summary>
internal static class SiblingType
{
    private static readonly RecordType Type = RecordTypes.Custom(Guid.CreateVersion7(), "siblings", "Siblings", nameIsUnique: true, null);

    public static async Task AddAsync(EngineRig rig, Tenant tenant, Guid id)
    {
        await rig.AddTypeAsync(tenant, Type);
        await rig.AddRecordsAsync(tenant, Type, [Record(id)]);
    }

    /// <summary>What it is like as long as nothing has reached it.</summary>
    public static string Expected(Guid id) => Record(id).Show(Type);

    public static Task<List<string>> ShowAsync(EngineRig rig, Tenant tenant, Guid id) =>
        rig.ShowRecordsAsync(tenant, Type, new HashSet<Guid> { id });

    // Under keys that records of the other types have.
    private static PlainRecord Record(Guid id) => new() { Id = id, Values = { ["external_id"] = "e1", ["name"] = "Acme" } };
}
