using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>
/// An operation of a bulk job on each of its targets: its parameters, rules and statements. A new operation needs a derived type, a
/// name, and a line in the table below.
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

    /// <summary>The unique fields that the operation sets. Each target would get the same value, so there can be only one target.</summary>
    public virtual IEnumerable<Field> UniqueFieldsSet => [];

    /// <summary>The size of a chunk, as a multiple of a chunk of rows or items.</summary>
    internal virtual int ChunkFactor => 2;

    /// <summary>Reads and checks an operation's parameters. Creating and running a job both use it.</summary>
    /// <returns>The operation; null when there are faults.</returns>
    public static BulkOperation? Read(RecordType type, OperationName name, JsonElement parameters, out IReadOnlyList<Fault> faults)
    {
        var given = new OperationParams(parameters);
        var read = Readers.TryGetValue(name, out var reader) ? reader(type, given) : null;
        if (read is null) given.Faults.Add(new Fault("operation", "invalid_choice", "Not an operation on targets."));
        faults = given.Faults;
        return faults.Count == 0 ? read : null;
    }

    /// <summary>Finds a fault that depends on the account's records, such as a reference to a record that does not exist.</summary>
    public virtual Task<Fault?> FindFaultAsync(NpgsqlConnection connection, Guid account, CancellationToken cancellationToken) =>
        Task.FromResult<Fault?>(null);

    /// <summary>Refuses a number of targets, such as two targets for a unique value.</summary>
    public IEnumerable<Fault> FaultsOf(long targets) => targets <= 1 ? [] : UniqueFieldsSet.Select(field => new Fault(
        PathOf(field), "not_unique", $"Its values are unique, so it can be set on one record only; found {targets}."));

    /// <summary>Creates the statements of the operation, once per lane.</summary>
    /// <param name="keepsChanges">The change log keeps what the records held before.</param>
    /// <param name="dialect">The database.</param>
    internal abstract TargetStatements CreateStatements(bool keepsChanges, SqlDialect dialect);

    internal virtual LaneCounts Count(long changed, long unchanged, long failed) => new(0, changed, 0, unchanged, failed);

    private protected virtual string PathOf(Field field) => $"params.{field.Key}";
}
