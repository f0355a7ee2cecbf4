using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Staging;

/// <summary>A column of a temporary table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SqlType">Its type, with constraints and default.</param>
internal readonly record struct StageColumn(string Name, string SqlType)
{
    /// <summary>The first columns of a stage: the row's place in its chunk, and its wave.</summary>
    public static IReadOnlyList<StageColumn> Place { get; } = [new("seq", "integer not null"), new("wave", "integer not null")];

    public static StageColumn Key(string name) => new(name, "text collate \"C\"");
}

/// <summary>
/// A temporary table that the rows of a chunk are copied into. It lives as long as the session, and every commit empties it.
/// It holds the account and the type of the records so that they are looked up by columns of the stage alone: were the
/// account a constant, a planner without statistics on it would take it for a small one and read all its records for each row.
/// </summary>
internal sealed class StageTable
{
    private readonly string _name;
    private readonly string _create;

    /// <param name="name">The table's name.</param>
    /// <param name="type">The type of the records that rows are looked up among.</param>
    /// <param name="account">The account of those records.</param>
    /// <param name="copied">The columns of a COPY tuple, in its order.</param>
    /// <param name="marks">Columns that statements fill later, or that have a default.</param>
    public StageTable(
        string name, RecordType type, Guid account, IReadOnlyList<StageColumn> copied, params IReadOnlyList<StageColumn> marks)
    {
        _name = name;
        List<StageColumn> columns = [new("account_id", $"uuid not null default '{account}'")];
        if (type.TypeId is { } id) columns.Add(new("type_id", $"uuid not null default '{id}'"));
        columns.AddRange([.. copied, .. marks]);
        var typed = string.Join(", ", columns.Select(column => $"{column.Name} {column.SqlType}"));
        _create = $"drop table if exists pg_temp.{name}; create temporary table {name} ({typed}) on commit delete rows";
        Copy = $"copy {name} ({string.Join(", ", copied.Select(column => column.Name))}) from stdin (format binary)";
    }

    /// <summary>The statement that copies tuples into the table.</summary>
    public string Copy { get; }

    /// <summary>Makes the table in a session.</summary>
    public Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        StageSession.ExecuteAsync(connection, _create, cancellationToken);

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
        await StageSession.ExecuteAsync(connection, $"delete from {_name}", cancellationToken);
        await CopyAsync(connection, tuples, cancellationToken);
    }
}
