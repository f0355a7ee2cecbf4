using System.Data;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Maintenance;

/// <summary>Driftwood's own jobs: one lane removes everything that a deleted field left behind.</summary>
public sealed class FieldCleanupKind(LaneOptions options) : IJobKind
{
    /// <inheritdoc/>
    public string Name => "maintenance";

    /// <inheritdoc/>
    public async Task<ILaneWork?> OpenAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        await using var command = LaneTable.Command(connection, "load-field-cleanup", lane);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? new FieldCleanup(FieldOf(row), lane.AccountId, options.ChunkRows) : null;
    }

    private static DeletedField? FieldOf(NpgsqlDataReader row)
    {
        if (row.IsDBNull("slot")) return null;
        var key = row.GetString("record_type");
        var type = RecordTypes.Find(key) ?? RecordTypes.Custom(row.GetGuid("type_id"), key, key, nameIsUnique: false, autonumber: null);
        return new DeletedField(type, row.GetGuid("field_id"), row.GetInt32("slot"));
    }
}
