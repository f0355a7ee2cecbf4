using System.Text.Json;
using Driftwood.Engine.Files;
using Driftwood.Engine.Lanes;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Imports.Outcomes;

/// <summary>Stores failed rows and rows with a warning, in the chunk's own transaction.</summary>
internal static class RowOutcomes
{
    private const string Columns = "account_id, job_id, row_number, line_number, column_name, field, code, message, value";

    public static async Task WriteErrorsAsync(
        NpgsqlConnection connection, LaneRef lane, FileFormat format, IReadOnlyList<FailedRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return;
        await using var copy = await connection.BeginBinaryImportAsync(
            $"copy row_errors ({Columns}, also, cells) from stdin (format binary)", cancellationToken);
        foreach (var row in rows)
        {
            await StartAsync(copy, lane, row.RowNumber, row.LineNumber, row.Cells[0], cancellationToken);
            await WriteAlsoAsync(copy, row.Cells, cancellationToken);
            var cells = format.KeepCells(row.Raw, row.Cells[0].Fault.Code);
            await copy.WriteAsync(cells, NpgsqlDbType.Array | NpgsqlDbType.Bytea, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    public static async Task WriteWarningsAsync(
        NpgsqlConnection connection, LaneRef lane, IReadOnlyList<WarnedRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return;
        await using var copy = await connection.BeginBinaryImportAsync(
            $"copy row_warnings ({Columns}, also) from stdin (format binary)", cancellationToken);
        foreach (var row in rows)
        {
            await StartAsync(copy, lane, row.RowNumber, row.LineNumber, row.Cells[0], cancellationToken);
            await WriteAlsoAsync(copy, row.Cells, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static async Task StartAsync(
        NpgsqlBinaryImporter copy, LaneRef lane, long rowNumber, long lineNumber, BadCell cell, CancellationToken cancellationToken)
    {
        await copy.StartRowAsync(cancellationToken);
        await copy.WriteAsync(lane.AccountId, NpgsqlDbType.Uuid, cancellationToken);
        await copy.WriteAsync(lane.JobId, NpgsqlDbType.Uuid, cancellationToken);
        await copy.WriteAsync(rowNumber, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(lineNumber, NpgsqlDbType.Bigint, cancellationToken);
        foreach (var text in (string?[])[cell.Column, cell.Field, cell.Fault.Code, cell.Fault.Message, cell.Value])
        {
            if (text is null) await copy.WriteNullAsync(cancellationToken);
            else await copy.WriteAsync(text, NpgsqlDbType.Text, cancellationToken);
        }
    }

    private static Task WriteAlsoAsync(NpgsqlBinaryImporter copy, IReadOnlyList<BadCell> cells, CancellationToken cancellationToken) =>
        cells.Count > 1
            ? copy.WriteAsync(Also(cells), NpgsqlDbType.Jsonb, cancellationToken)
            : copy.WriteNullAsync(cancellationToken);

    private static string Also(IReadOnlyList<BadCell> cells) => JsonSerializer.Serialize(
        cells.Skip(1).Select(cell => new { cell.Column, cell.Field, cell.Fault.Code, cell.Fault.Message, cell.Value }),
        EngineJson.Options);
}
