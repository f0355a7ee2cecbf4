using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>
/// The statements that apply an operation to the targets of a chunk. The targets belong to <c>@job</c> and <c>@lane</c>; their
/// positions are after <c>@from</c> and up to <c>@to</c>. They run under <see cref="Records.Types.Probe.PlannerSettings"/>.
/// </summary>
internal sealed record TargetStatements
{
    /// <summary>
    /// The places of a chunk's statements in the order of the change log: contacts are unlinked before the records that they point to go.
    /// </summary>
    public const string Unlinks = "0", Changes = "1", LeavesAlone = "2";

    /// <summary>
    /// Returns the numbers of changed, unchanged and failed targets, and the indexes of those left out because another writer was
    /// changing them, or null if there are none. <see cref="ApplyToLeftOut"/> then runs with these indexes as <c>@only</c>.
    /// </summary>
    public required string Apply { get; init; }

    /// <summary>The same for the targets that were left out. Null for operations that leave none out.</summary>
    public string? ApplyToLeftOut { get; init; }

    /// <summary>
    /// Does the same but returns only the number of records. If that differs from the number of targets, it is undone and
    /// <see cref="Apply"/> runs. Null if <see cref="Apply"/> is as fast.
    /// </summary>
    public string? ApplyToAll { get; init; }

    /// <summary>
    /// Runs first, repeatedly, until it has changed fewer than <c>@most</c> records, whose number it returns. Null if no preparation is
    /// needed.
    /// </summary>
    public string? Prepare { get; init; }

    /// <summary>
    /// Locks the records before <see cref="Apply"/>. Null on plain PostgreSQL if no unique values are taken or freed. A statement that
    /// waits for a record sees the new version of that record, but the old <c>unique_values</c>, without the value that the other writer
    /// set.
    /// </summary>
    public string? Lock { get; init; }

    /// <summary>Fails every target of the chunk with <c>@code</c> and <c>@message</c>.</summary>
    public required string Reject { get; init; }

    /// <summary>The values that the caller gave to the operation.</summary>
    public OperationValues Values { get; init; } = new();
}

/// <summary>The values of an operation that its statements refer to by name.</summary>
internal sealed class OperationValues
{
    private readonly List<(string Name, NpgsqlDbType Type, object Value)> _values = [];

    public void Add(string name, string? value) => _values.Add((name, NpgsqlDbType.Text, (object?)value ?? DBNull.Value));

    public void Add(string name, IEnumerable<string?> values) =>
        _values.Add((name, NpgsqlDbType.Array | NpgsqlDbType.Text, values.ToArray()));

    public void Add(string name, IEnumerable<Guid> values) =>
        _values.Add((name, NpgsqlDbType.Array | NpgsqlDbType.Uuid, values.ToArray()));

    public void AddTo(NpgsqlParameterCollection parameters)
    {
        foreach (var (name, type, value) in _values) parameters.AddWithValue(name, type, value);
    }
}
