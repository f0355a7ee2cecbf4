using System.Text.Json;
using Driftwood.Engine.Files;
using Driftwood.Engine.Lanes;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Imports.Outcomes;

/// <summary>Stores failed rows, in the chunk's own transaction.</summary>
internal static class RowErrorWriter
{
    private const string Copy = """
        copy row_errors (account_id, job_id, row_number, line_number, column_name, field, code, message, value, also, cells)
        from stdin (format binary)
        """;

    public static async Task WriteAsync(
        NpgsqlConnection connection, LaneRef lane, FileFormat format, IReadOnlyList<FailedRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return;
        await using var copy = await connection.BeginBinaryImportAsync(Copy, cancellationToken);
        foreach (var row in rows)
        {
            var first = row.Cells[0];
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(lane.AccountId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(lane.JobId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(row.RowNumber, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.LineNumber, NpgsqlDbType.Bigint, cancellationToken);
            await TextAsync(copy, first.Column, cancellationToken);
            await TextAsync(copy, first.Field, cancellationToken);
            await TextAsync(copy, first.Fault.Code, cancellationToken);
            await TextAsync(copy, first.Fault.Message, cancellationToken);
            await TextAsync(copy, first.Value, cancellationToken);
            if (row.Cells.Count > 1) await copy.WriteAsync(Also(row.Cells), NpgsqlDbType.Jsonb, cancellationToken);
            else await copy.WriteNullAsync(cancellationToken);
            await copy.WriteAsync(format.KeepCells(row.Raw, first.Fault.Code), NpgsqlDbType.Array | NpgsqlDbType.Bytea, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static string Also(IReadOnlyList<BadCell> cells) => JsonSerializer.Serialize(
        cells.Skip(1).Select(cell => new { cell.Column, cell.Field, cell.Fault.Code, cell.Fault.Message, cell.Value }),
        EngineJson.Options);

    private static async Task TextAsync(NpgsqlBinaryImporter copy, string? value, CancellationToken cancellationToken)
    {
        if (value is null) await copy.WriteNullAsync(cancellationToken);
        else await copy.WriteAsync(value, NpgsqlDbType.Text, cancellationToken);
    }
}
