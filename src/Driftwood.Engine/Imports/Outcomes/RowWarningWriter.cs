using Driftwood.Engine.Lanes;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Imports.Outcomes;

/// <summary>Stores what is said of rows that were applied, in the chunk's own transaction.</summary>
internal static class RowWarningWriter
{
    private const string Copy = """
        copy row_warnings (account_id, job_id, row_number, line_number, column_name, field, code, message, value)
        from stdin (format binary)
        """;

    public static async Task WriteAsync(NpgsqlConnection connection, LaneRef lane, IReadOnlyList<WarnedRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return;
        await using var copy = await connection.BeginBinaryImportAsync(Copy, cancellationToken);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(lane.AccountId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(lane.JobId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(row.RowNumber, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.LineNumber, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(row.Column.Name, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(row.Column.Field.Key, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(row.Fault.Code, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(row.Fault.Message, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(row.Value, NpgsqlDbType.Text, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }
}
