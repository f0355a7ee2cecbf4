using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Staging;

/// <summary>A column of a temporary table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SqlType">Its type, with constraints and default.</param>
internal readonly record struct StageColumn(string Name, string SqlType)
{
    /// <summary>The first columns of a stage: the row's account, its place in its chunk, and its wave.</summary>
    public static IReadOnlyList<StageColumn> Place { get; } = [Account, new("seq", "integer not null"), new("wave", "integer not null")];

    /// <summary>Each row names its account, and every statement names it again: a row of another account is never applied.</summary>
    public static StageColumn Account => new("account_id", "uuid not null");

    public static StageColumn Key(string name) => new(name, "text collate \"C\"");
}

/// <summary>
/// A temporary table that the rows of a chunk are copied into. It lives in the chunk's transaction only, so it needs no session of its
/// own: behind a pooler the next chunk may run in another session, and the next transaction of this session may be another account's.
/// </summary>
internal sealed class StageTable
{
    private readonly string _name;

    /// <param name="name">The table's name.</param>
    /// <param name="copied">The columns of a COPY tuple, in its order.</param>
    /// <param name="marks">Columns that statements fill later.</param>
    public StageTable(string name, IReadOnlyList<StageColumn> copied, params IReadOnlyList<StageColumn> marks)
    {
        _name = name;
        var typed = string.Join(", ", copied.Concat(marks).Select(column => $"{column.Name} {column.SqlType}"));
        Create = $"create temporary table {name} ({typed}) on commit drop";
        Copy = $"copy {name} ({string.Join(", ", copied.Select(column => column.Name))}) from stdin (format binary)";
    }

    /// <summary>The statement that makes the table in a transaction.</summary>
    public string Create { get; }

    /// <summary>The statement that copies tuples into the table.</summary>
    public string Copy { get; }

    /// <summary>Copies tuples, without header and trailer, into the table.</summary>
    public async Task CopyAsync(NpgsqlConnection connection, ReadOnlyMemory<byte> tuples, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(Copy, cancellationToken);
        await copy.WriteAsync(PgCopy.HeaderBytes, cancellationToken);
        await copy.WriteAsync(tuples, cancellationToken);
        await copy.WriteAsync(PgCopy.TrailerBytes, cancellationToken);
    }

    /// <summary>Copies tuples in place of those that the table holds.</summary>
    public async Task ReplaceAsync(NpgsqlConnection connection, ReadOnlyMemory<byte> tuples, CancellationToken cancellationToken)
    {
        await StageSession.ExecuteAsync(connection, $"truncate {_name}", cancellationToken);
        await CopyAsync(connection, tuples, cancellationToken);
    }
}
