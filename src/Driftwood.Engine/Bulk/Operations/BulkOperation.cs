using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>
/// What a bulk job does to each of its targets: the parameters, the rules and the statements of one operation. A new operation
/// is a type beside the others, a name, and a line in the table below.
/// </summary>
/// <param name="Type">The type of the targets.</param>
public abstract record BulkOperation(RecordType Type)
{
    private static readonly Dictionary<OperationName, Func<RecordType, OperationParams, BulkOperation>> Readers = new()
    {
        [OperationName.Delete] = DeleteOperation.Read,
        [OperationName.Update] = UpdateOperation.Read,
        [OperationName.Tag] = TagOperation.Read,
    };

    /// <summary>The operations on targets.</summary>
    public static IReadOnlyList<OperationName> Names { get; } = [.. Readers.Keys];

    /// <summary>The unique fields that the operation gives a value, the same to each target, so that it can have one only.</summary>
    public virtual IEnumerable<Field> UniqueFieldsSet => [];

    /// <summary>By how much a chunk is larger than one of rows or items.</summary>
    internal virtual int ChunkFactor => 2;

    /// <summary>Reads and checks an operation's parameters, the same way when a job is created and when it runs.</summary>
    /// <returns>Null when there are faults.</returns>
    public static BulkOperation? Read(RecordType type, OperationName name, JsonElement parameters, out IReadOnlyList<Fault> faults)
    {
        var given = new OperationParams(parameters);
        var read = Readers.TryGetValue(name, out var reader) ? reader(type, given) : null;
        if (read is null) given.Faults.Add(new Fault("operation", "invalid_choice", "Not an operation on targets."));
        faults = given.Faults;
        return faults.Count == 0 ? read : null;
    }

    /// <summary>A fault that only the account's records show, such as a reference to a record that does not exist.</summary>
    public virtual Task<Fault?> FindFaultAsync(NpgsqlConnection connection, Guid account, CancellationToken cancellationToken) =>
        Task.FromResult<Fault?>(null);

    /// <summary>Refuses a number of targets, such as two for a unique value.</summary>
    public IEnumerable<Fault> FaultsOf(long targets) => targets <= 1 ? [] : UniqueFieldsSet.Select(field => new Fault(
        PathOf(field), "not_unique", $"Its values are unique, so it can be set on one record only; found {targets}."));

    /// <summary>The statements of the operation. Their texts are made here, once for a lane.</summary>
    internal abstract TargetStatements CreateStatements();

    internal virtual LaneCounts Count(long changed, long failed) => new(0, changed, 0, 0, failed);

    private protected virtual string PathOf(Field field) => $"params.{field.Key}";
}
