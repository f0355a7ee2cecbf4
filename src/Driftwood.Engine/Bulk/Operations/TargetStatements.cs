using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>
/// The statements that apply an operation to the targets of a chunk: those of <c>@job</c> and <c>@lane</c> at the positions
/// behind <c>@from</c> and up to <c>@to</c>.
/// </summary>
internal sealed record TargetStatements
{
    /// <summary>For the session in which the statements run.</summary>
    public const string Settings = "set enable_hashjoin = off; set enable_mergejoin = off; set jit = off";

    /// <summary>
    /// Answers how many targets were changed, how many failed, and the indexes of those that were left out because another writer
    /// was changing them at that moment, or null if there are none: <see cref="ApplyToLeftOut"/> then runs with <c>@only</c> these.
    /// </summary>
    public required string Apply { get; init; }

    /// <summary>The same for those left out. Null for operations that leave none out.</summary>
    public string? ApplyToLeftOut { get; init; }

    /// <summary>
    /// Does the same and answers only the number of rows. If that is not the number of targets, it is undone and
    /// <see cref="Apply"/> runs. Null where <see cref="Apply"/> is as fast.
    /// </summary>
    public string? ApplyToAll { get; init; }

    /// <summary>Runs first, until it changes fewer than <c>@most</c> rows. Null where there is nothing to do before.</summary>
    public string? Prepare { get; init; }

    /// <summary>
    /// Locks the records before <see cref="Apply"/>. Null where no unique values are taken or given up. A statement that waits for
    /// a record sees that record anew, but <c>unique_values</c> as it was before, without the value that the other writer set.
    /// </summary>
    public string? Lock { get; init; }

    /// <summary>Fails every target of the chunk with <c>@code</c> and <c>@message</c>.</summary>
    public required string Reject { get; init; }

    /// <summary>The values that the operation was given.</summary>
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
