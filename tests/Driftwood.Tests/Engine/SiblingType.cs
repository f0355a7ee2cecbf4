using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine;

/// <summary>
/// A second custom type of the account, with one record. All custom types share one table for records and another table for unique
/// values. A change to one type must not affect this type.
/// </summary>
internal static class SiblingType
{
    private static readonly RecordType Type = RecordTypes.Custom(Guid.CreateVersion7(), "siblings", "Siblings", nameIsUnique: true, null);

    public static async Task AddAsync(EngineRig rig, Tenant tenant, Guid id)
    {
        await rig.AddTypeAsync(tenant, Type);
        await rig.AddRecordsAsync(tenant, Type, [Record(id)]);
    }

    /// <summary>The expected record, as long as nothing has changed it.</summary>
    public static string Expected(Guid id) => Record(id).Show(Type);

    public static Task<List<string>> ShowAsync(EngineRig rig, Tenant tenant, Guid id) =>
        rig.ShowRecordsAsync(tenant, Type, new HashSet<Guid> { id });

    // This record has the same keys as records of the other types.
    private static PlainRecord Record(Guid id) => new() { Id = id, Values = { ["external_id"] = "e1", ["name"] = "Acme" } };
}
