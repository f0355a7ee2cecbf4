using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>The result of the contested-key scan, which an import's lanes must know before they run side by side.</summary>
/// <param name="Fields">
/// The unique fields whose values were compared, by <see cref="NameOf"/>. Another unique field makes the plan void.
/// </param>
/// <param name="Contested">Hashes of the match keys whose rows lane 0 takes, ascending; null where it takes all rows.</param>
internal sealed record LanePlan(string[] Fields, long[]? Contested)
{
    /// <summary>A field's name in a plan. For a custom field it is the id, as another field may be made under its key.</summary>
    public static string NameOf(Field field) => field.UniqueId?.ToString() ?? field.Key;

    /// <summary>
    /// Stores the plan and opens the lanes that waited for it; lane 0 is handed back. In the transaction that holds lane 0.
    /// </summary>
    /// <returns>The lanes to wake.</returns>
    public async Task<IReadOnlyList<LaneRef>> SaveAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        await using (var command = LaneTable.Command(connection, "save-plan", lane))
        {
            command.Parameters.AddWithValue("fields", Fields);
            command.Parameters.AddWithValue("contested", NpgsqlDbType.Array | NpgsqlDbType.Bigint, (object?)Contested ?? DBNull.Value);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return await LaneTable.OpenAsync(connection, lane, Contested is null ? 1 : int.MaxValue, cancellationToken);
    }
}
