using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Results;

/// <summary>Finds the fields that targets of bulk jobs changed, in the change log.</summary>
/// <param name="database">The database.</param>
/// <param name="types">The record types.</param>
public sealed class ChangedFields(NpgsqlDataSource database, RecordTypeCatalog types)
{
    /// <summary>
    /// The same results; those of updated or restored records have the changed fields, or say that nothing changed, if the change log has
    /// them.
    /// </summary>
    public async Task<IReadOnlyList<TargetResult>> AddAsync(
        Guid account, Guid job, IReadOnlyList<TargetResult> results, CancellationToken cancellationToken)
    {
        var indexes = results.Where(MayHaveChanged).Select(result => result.Index).ToArray();
        if (indexes.Length == 0) return results;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var places = await ReadPlacesAsync(connection, account, job, indexes, cancellationToken);
        var details = await ReadDetailsAsync(connection, account, job, places.Values, cancellationToken);
        Dictionary<string, RecordType?> known = [];
        foreach (var key in details.SelectMany(each => each).Select(each => each.Type).Distinct())
            known[key] = await types.FindAsync(connection, account, key, cancellationToken);
        return [.. results.Select(result => Find(result) switch
        {
            { Text: null } when result.Effect == TargetEffect.Updated => result with { Effect = TargetEffect.Unchanged },
            { Text: { } text } logged when known[logged.Type] is { } type =>
                result with { Changed = [.. FieldChange.Read(type, text).Select(change => change.Field)] },
            _ => result,
        })];

        // Several items may change one record in one chunk.
        Detail? Find(TargetResult result) => MayHaveChanged(result) && places.TryGetValue(result.Index, out var place)
            ? details[place].FirstOrDefault(each => each.Item is null || each.Item == result.Index)
            : null;
    }

    private static bool MayHaveChanged(TargetResult result) =>
        result.Effect is TargetEffect.Updated or TargetEffect.Restored || result.Outcome == TargetOutcome.Kept;

    private static async Task<Dictionary<long, Place>> ReadPlacesAsync(
        NpgsqlConnection connection, Guid account, Guid job, long[] indexes, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "bulk-target-chunks", account, job);
        command.Parameters.AddWithValue("indexes", indexes);
        command.Parameters.AddWithValue("first", indexes.Min());
        command.Parameters.AddWithValue("last", indexes.Max());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<long, Place> places = [];
        while (await row.ReadAsync(cancellationToken))
        {
            if (!row.IsDBNull(1)) places[row.GetInt64(0)] = new Place(row.GetInt32(2), row.GetInt64(3), row.GetGuid(1));
        }

        return places;
    }

    // Matched here and not by a join: a planner without statistics would compare each target with each record.
    private static async Task<ILookup<Place, Detail>> ReadDetailsAsync(
        NpgsqlConnection connection, Guid account, Guid job, IReadOnlyCollection<Place> places, CancellationToken cancellationToken)
    {
        var chunks = places.Select(place => (place.Lane, place.Cursor)).Distinct().ToList();
        await using var command = Command(connection, "bulk-chunk-details", account, job);
        command.Parameters.AddWithValue("lanes", chunks.ConvertAll(chunk => chunk.Lane));
        command.Parameters.AddWithValue("cursors", chunks.ConvertAll(chunk => chunk.Cursor));
        command.Parameters.AddWithValue("records", places.Select(place => place.Record).ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        List<(Place, Detail)> details = [];
        while (await row.ReadAsync(cancellationToken))
        {
            details.Add((
                new Place(row.GetInt32(0), row.GetInt64(1), row.GetGuid(2)),
                new Detail(row.IsDBNull(3) ? null : row.GetInt64(3), row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5))));
        }

        return details.ToLookup(each => each.Item1, each => each.Item2);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string statement, Guid account, Guid job)
    {
        var command = new NpgsqlCommand(SqlText.Of(statement), connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        return command;
    }

    /// <summary>A record in the log of a chunk.</summary>
    /// <param name="Lane">The lane.</param>
    /// <param name="Cursor">The lane's cursor before the chunk.</param>
    /// <param name="Record">The record.</param>
    private readonly record struct Place(int Lane, long Cursor, Guid Record);

    /// <summary>What changed in a record.</summary>
    /// <param name="Item">The index of the item that changed it; null for operations on targets.</param>
    /// <param name="Type">The key of its type.</param>
    /// <param name="Text">The detail of the log; null: nothing changed.</param>
    private sealed record Detail(long? Item, string Type, string? Text);
}
