using System.Text.Json;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>Makes the commands of a lane of an undo, with the parameters that their texts name.</summary>
internal sealed class UndoCommands(LaneRef lane, Guid userId, SqlDialect dialect)
{
    public NpgsqlCommand Of(NpgsqlConnection connection, string text)
    {
        var command = new NpgsqlCommand(dialect.Adapt(text), connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("job", lane.JobId);
        command.Parameters.AddWithValue("lane", lane.Lane);
        return command;
    }

    /// <summary>A command for targets of a type. Parameters that the text does not name are not sent.</summary>
    public NpgsqlCommand Of(NpgsqlConnection connection, UndoChunk chunk, RecordType type, string text)
    {
        var command = Of(connection, text);
        command.Parameters.AddWithValue("user", userId);
        command.Parameters.AddWithValue("change", Guid.CreateVersion7());
        command.Parameters.AddWithValue("from", chunk.Cursor);
        command.Parameters.AddWithValue("to", chunk.EndCursor);
        command.Parameters.AddWithValue("first", chunk.Run.First);
        command.Parameters.AddWithValue("made_at", chunk.Run.MadeAt);
        command.Parameters.AddWithValue("logged_at", chunk.Run.LoggedAt);
        command.Parameters.AddWithValue("source_id", chunk.Run.Id);
        command.Parameters.AddWithValue("source_part", chunk.Run.Part);
        var names = type.CustomFields.ToDictionary(field => FormattableString.Invariant($"{field.Slot}"), field => field.Key);
        command.Parameters.AddWithValue("names", JsonSerializer.Serialize(names));
        command.Parameters.AddWithValue("slots", names.Keys.ToArray());
        return command;
    }

    public static async Task<IReadOnlySet<string>> ReadTextsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        HashSet<string> texts = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) texts.Add(row.GetString(0));
        return texts;
    }
}
