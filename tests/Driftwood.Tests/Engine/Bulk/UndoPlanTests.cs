using Driftwood.Engine.Bulk.Undo;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>The plans of an undo, under the settings that price joins out.</summary>
public sealed class UndoPlanTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    [Fact]
    public async Task Later_changes_are_looked_up_among_the_touched_records_by_a_hash()
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var sql = new UndoSql(RecordTypes.Contacts, SqlDialect.Plain);
        await using (var prepare = new NpgsqlCommand($"{Probe.PlannerSettings}; {UndoSql.NewTable}", connection))
            await prepare.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using var explain = new NpgsqlCommand("explain " + sql.KeepTouched, connection);
        foreach (var id in new[] { "account", "source_id" }) explain.Parameters.AddWithValue(id, Guid.NewGuid());
        explain.Parameters.AddWithValue("source_part", 0);
        explain.Parameters.AddWithValue("logged_at", DateTimeOffset.UnixEpoch);
        List<string> plan = [];
        await using (var line = await explain.ExecuteReaderAsync(TestContext.Current.CancellationToken))
        {
            while (await line.ReadAsync(TestContext.Current.CancellationToken)) plan.Add(line.GetString(0));
        }

        // Once to find the rows of the log, and once to find their records.
        var text = string.Join('\n', plan);
        Assert.True(text.Split("hashed SubPlan").Length - 1 >= 2, text);
        Assert.DoesNotContain("Semi Join", text, StringComparison.Ordinal);
    }
}
