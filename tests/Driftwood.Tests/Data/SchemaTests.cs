using Driftwood.Data;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Driftwood.Tests.Data;

/// <summary>The schema is SQL, and the model maps it by hand. This test compares the two.</summary>
public sealed class SchemaTests(PostgresServer server) : IAsyncLifetime
{
    /// <summary>Only SQL reads and writes these tables. No entity maps them.</summary>
    private static readonly string[] DataPlane = [
        "bulk_items", "bulk_target_runs", "changes", "companies", "contacts", "custom_records", "lane_plans", "dry_run_keys",
        "dry_run_records", "latest_changes", "retried_rows", "sources", "unique_values"];

    private readonly TemporaryDatabase _database = new(server);
    private NpgsqlConnection _connection = null!;
    private DriftwoodDb _db = null!;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = new NpgsqlConnection(_database.ConnectionString);
        await _connection.OpenAsync(CancellationToken);
        _db = new DriftwoodDb(new DbContextOptionsBuilder<DriftwoodDb>().UseNpgsql(_database.ConnectionString).UseDriftwood().Options);
    }

    [Fact]
    public async Task Every_column_has_the_same_type_and_nullability_on_both_sides()
    {
        var mapped = Tables()
            .SelectMany(table => table.Columns.Select(c => Column(table.Name, c.Name, c.StoreType, c.IsNullable)));
        var there = await RowsAsync(
            """
            select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull
              from pg_attribute a join pg_class c on c.oid = a.attrelid
             where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
            """,
            row => Column(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3)));
        var controlPlane = there.Where(
            column => !DataPlane.Contains(column.Split('.')[0]) && !column.StartsWith("__", StringComparison.Ordinal));
        Assert.Equal(controlPlane.Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_table_has_the_primary_key_the_model_has()
    {
        var mapped = Tables().Select(table => $"{table.Name}({string.Join(",", table.PrimaryKey!.Columns.Select(c => c.Name))})");
        var there = await RowsAsync(
            """
            select c.relname || '(' || string_agg(a.attname, ',' order by k.place) || ')'
              from pg_index i join pg_class c on c.oid = i.indrelid
             cross join unnest(i.indkey) with ordinality as k (attnum, place)
              join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
             where i.indisprimary and c.relnamespace = 'public'::regnamespace and c.relname not like '\_\_%'
             group by c.relname
            """,
            row => row.GetString(0));
        var controlPlane = there.Where(key => !DataPlane.Contains(key.Split('(')[0]));
        Assert.Equal(controlPlane.Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_tables_left_out_are_there()
    {
        var there = await RowsAsync(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'", row => row.GetString(0));
        Assert.All(DataPlane, table => Assert.Contains(table, there));
    }

    [Fact]
    public async Task Every_data_plane_key_and_unique_index_starts_with_the_account()
    {
        var others = await RowsAsync(
            $"""
            select i.indexrelid::regclass::text
              from pg_index i join pg_class c on c.oid = i.indrelid
              join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
             where i.indisunique and a.attname <> 'account_id'
                 and c.relname in ({string.Join(", ", DataPlane.Select(table => $"'{table}'"))})
            """,
            row => row.GetString(0));
        Assert.Empty(others);
    }

    [Fact]
    public async Task Every_table_has_a_place_in_a_cluster()
    {
        var there = await RowsAsync(
            @"select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like '\_\_%'",
            row => row.GetString(0));
        Assert.Equal(there.Order(StringComparer.Ordinal), Distribution.SpreadTables.Append("tokens").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_images_of_deleted_records_have_the_columns_of_their_tables_in_the_order_of_the_log()
    {
        foreach (var type in RecordTypes.BuiltIn.Append(RecordTypes.AnyCustom))
        {
            var image = await RowsAsync(
                $"""
                select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) from pg_attribute a
                where a.attrelid = '{type.Table}_image'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
                """,
                row => row.GetString(0));
            var table = await RowsAsync(
                $"""
                select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) from pg_attribute a
                where a.attrelid = '{type.Table}'::regclass and a.attnum > 0 and not a.attisdropped
                  and a.attname not in ('account_id', 'type_id', 'id', 'updated_at', 'updated_by')
                """,
                row => row.GetString(0));
            Assert.Equal(table.Order(StringComparer.Ordinal), image.Order(StringComparer.Ordinal));
            var written = ChangeLog.Columns(type).Append("created_at").Append("created_by");
            Assert.Equal(written, image.Select(column => column.Split(' ')[0]));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        await _connection.DisposeAsync();
        await _database.DisposeAsync();
    }

    private IEnumerable<ITable> Tables() => _db.Model.GetRelationalModel().Tables;

    private static string Column(string table, string column, string type, bool isNullable) =>
        $"{table}.{column} {type}{(isNullable ? " null" : "")}";

    private async Task<List<string>> RowsAsync(string sql, Func<NpgsqlDataReader, string> read)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken);
        var rows = new List<string>();
        while (await reader.ReadAsync(CancellationToken))
            rows.Add(read(reader));
        return rows;
    }
}
