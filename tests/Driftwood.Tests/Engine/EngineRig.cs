using System.Collections.Concurrent;
using System.Text.Json;
using Driftwood.Engine;
using Driftwood.Engine.Bulk;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Maintenance;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Infrastructure;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Tests.Engine;

/// <summary>An account with two users. One owns the records that exist before. The other runs the jobs.</summary>
internal sealed record Tenant(Guid Account, Guid Owner, Guid Worker);

/// <summary>Makes accounts, records and confirmed jobs in a real database, files in memory, and runners for both.</summary>
internal sealed partial class EngineRig(NpgsqlDataSource database)
{
    private readonly ConcurrentDictionary<string, byte[]> _uploads = new();

    public NpgsqlDataSource Database => database;

    /// <summary>How statements are written for the databases of this run.</summary>
    public static SqlDialect Dialect { get; } = CitusNodes.All is null ? SqlDialect.Plain : SqlDialect.Citus;

    public LaneRunner Runner(LaneOptions options, OpenUpload? open = null)
    {
        options = options with { Dialect = Dialect };
        var types = new RecordTypeCatalog(database);
        IJobKind[] kinds =
        [
            new ImportJobKind(open ?? OpenAsync, types, options),
            new BulkJobKind(database, types, new MemoryFiles(_uploads), options),
            new FieldCleanupKind(options),
        ];
        return new LaneRunner(database, new LaneTable(database, options), kinds, options, new FailureLog());
    }

    /// <summary>Claims one lane and runs it until it ends. The lane does not yield to lanes that other tests left behind.</summary>
    public Task<LaneResult> RunLaneAsync(
        Tenant tenant, Guid job, LaneOptions options, OpenUpload? open = null, CancellationTokenSource? stopping = null) =>
        Runner(options with { Turn = TimeSpan.FromHours(1) }, open)
            .RunAsync(new LaneRef(tenant.Account, job, 0), stopping?.Token ?? CancellationToken.None);

    public Task<Stream> OpenAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new MemoryStream(_uploads[key], writable: false));

    public async Task<Tenant> NewTenantAsync()
    {
        var tenant = new Tenant(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await ExecuteAsync(
            """
            insert into accounts (id, name) values (@account, 'Test');
            insert into users (account_id, id, name, email)
                values (@account, @owner, 'Owner', 'o@x.io'), (@account, @worker, 'Worker', 'w@x.io');
            """,
            ("account", tenant.Account), ("owner", tenant.Owner), ("worker", tenant.Worker));
        return tenant;
    }

    /// <summary>Makes a confirmed import that is ready to run: job, upload, import and lanes.</summary>
    public async Task<Guid> AddImportAsync(
        Tenant tenant, RecordType type, ImportSpec spec, string[] headers, byte[] file, long total, int lanes = 1,
        CsvFormat? given = null)
    {
        var job = Guid.CreateVersion7();
        _uploads[job.ToString()] = file;
        var format = (given ?? new CsvFormat { Encoding = "utf-8", Delimiter = ',' }) with { ColumnCount = headers.Length };
        await ExecuteAsync(
            """
            insert into jobs (account_id, id, kind, record_type, status, total_count, created_by, started_at, dry_run_state)
            values (@account, @job, 'import', @type, 'processing', @total, @worker, now(), nullif(@dry_run_state, ''));
            insert into uploads (account_id, id, file_name, content_type, max_bytes, storage_key, byte_length, sha256, expires_at,
                stored_at, frozen_at)
            values (@account, @job, 'a.csv', 'text/csv', 1000000, @job::text, 1, sha256(''), now() + interval '1 day', now(), now());
            insert into imports (account_id, id, upload_id, format, headers, confirmation)
                values (@account, @job, @job, @format::jsonb, @headers, @spec::jsonb);
            insert into lanes (account_id, job_id, lane, status) select @account, @job, n, case when n > 0 and @planned then 'waiting'
                else 'ready' end from generate_series(0, @lanes - 1) n;
            """,
            ("account", tenant.Account), ("job", job), ("type", type.Key), ("total", total), ("worker", tenant.Worker),
                ("headers", headers), ("lanes", lanes),
            ("planned", new ImportLayout(type, spec, headers).IsPlanned), ("dry_run_state", spec.DryRun ? "kept" : ""),
            ("format", FileFormats.Write(format)), ("spec", JsonSerializer.Serialize(spec, EngineJson.Options)));
        return job;
    }

    /// <summary>Makes a started bulk job with frozen targets, which are dealt to the lanes in turn.</summary>
    public async Task<Guid> AddBulkAsync(Tenant tenant, RecordType type, string operation, string parameters, Guid[] targets, int lanes = 1)
    {
        var job = Guid.CreateVersion7();
        await ExecuteAsync(
            """
            insert into jobs (account_id, id, kind, record_type, status, total_count, created_by, started_at)
            values (@account, @job, 'bulk', @type, 'processing', cardinality(@targets), @worker, now());
            insert into bulk_jobs (account_id, id, operation, entity_ids, params)
                values (@account, @job, @operation, @targets, @params::jsonb);
            insert into bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids)
            select @account, @job, (n - 1) % @lanes, (n - 1) / @lanes / 2000 * 2000 + 1, array_agg(n - 1 order by n),
                array_agg(t order by n)
            from unnest(@targets) with ordinality as u(t, n) group by 3, 4;
            insert into lanes (account_id, job_id, lane, status) select @account, @job, n, 'ready' from generate_series(0, @lanes - 1) n;
            """,
            ("account", tenant.Account), ("job", job), ("type", type.Key), ("worker", tenant.Worker), ("operation", operation),
                ("targets", targets),
            ("params", parameters), ("lanes", lanes));
        return job;
    }

    /// <summary>Makes a started bulk job whose targets are not found yet. All lanes but the first wait for them.</summary>
    /// <param name="tenant">The job's account.</param>
    /// <param name="type">The type of the records.</param>
    /// <param name="operation">delete, update or tag.</param>
    /// <param name="parameters">The parameters as JSON.</param>
    /// <param name="selection">Selects the targets.</param>
    /// <param name="lanes">The number of lanes, at least 1.</param>
    public async Task<Guid> AddSelectingBulkAsync(
        Tenant tenant, RecordType type, string operation, string parameters, BulkSelecting selection, int lanes = 1)
    {
        var job = Guid.CreateVersion7();
        await ExecuteAsync(
            """
            insert into jobs (account_id, id, kind, record_type, status, created_by, started_at)
            values (@account, @job, 'bulk', @type, 'processing', @worker, now());
            insert into bulk_jobs (account_id, id, operation, params, external_ids, filter, query, expected_count, to_freeze)
            values (@account, @job, @operation, @params::jsonb, case when cardinality(@external_ids) > 0 then @external_ids end,
                    nullif(@filter, '')::json, nullif(@query, ''), nullif(@expected, -1), true);
            insert into lanes (account_id, job_id, lane, status)
            select @account, @job, n, case when n = 0 then 'ready' else 'waiting' end from generate_series(0, @lanes - 1) n;
            """,
            ("account", tenant.Account), ("job", job), ("type", type.Key), ("worker", tenant.Worker), ("operation", operation),
                ("params", parameters),
            ("external_ids", selection.ExternalIds ?? []), ("filter", selection.Filter ?? ""), ("query", selection.Query ?? ""),
            ("expected", selection.Expected ?? -1L), ("lanes", lanes));
        return job;
    }

    /// <summary>Makes a started bulk job with items, which are JSON objects.</summary>
    public async Task<Guid> AddItemsAsync(Tenant tenant, RecordType type, string operation, string parameters, string[] items)
    {
        var job = Guid.CreateVersion7();
        await ExecuteAsync(
            """
            insert into jobs (account_id, id, kind, record_type, status, total_count, created_by, started_at)
            values (@account, @job, 'bulk', @type, 'processing', cardinality(@items), @worker, now());
            insert into bulk_jobs (account_id, id, operation, params) values (@account, @job, @operation, @params::jsonb);
            insert into bulk_items (account_id, job_id, item_index, item) select @account, @job, n - 1, t::json
                from unnest(@items) with ordinality as u(t, n);
            insert into lanes (account_id, job_id, lane, status) values (@account, @job, 0, 'ready');
            """,
            ("account", tenant.Account), ("job", job), ("type", type.Key), ("worker", tenant.Worker), ("operation", operation),
                ("items", items), ("params", parameters));
        return job;
    }

    /// <summary>Ends the lease of every running lane, and resets the attempts that the forced end adds.</summary>
    public Task ExpireLeasesAsync(Tenant tenant, Guid job) => ExecuteAsync(
        """
        update lanes set leased_until = statement_timestamp() - interval '1 second', attempts = 0
        where account_id = @account and job_id = @job and status = 'running'
        """,
        ("account", tenant.Account), ("job", job));

    /// <summary>The status of a job and the sums of its lanes' counters.</summary>
    public async Task<JobState> StateAsync(Tenant tenant, Guid job)
    {
        await using var command = database.CreateCommand("""
            select j.status, j.error_message, sum(l.processed)::bigint, sum(l.created)::bigint, sum(l.updated)::bigint,
                sum(l.deleted)::bigint,
                   sum(l.skipped)::bigint, sum(l.failed)::bigint, sum(l.warned)::bigint
            from jobs j join lanes l on l.account_id = j.account_id and l.job_id = j.id
            where j.account_id = @account and j.id = @job group by j.account_id, j.id
            """);
        command.Parameters.AddWithValue("account", tenant.Account);
        command.Parameters.AddWithValue("job", job);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var counts = new LaneCounts(
            reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6),
            reader.GetInt64(7))
        { Warned = reader.GetInt64(8) };
        return new JobState(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2), counts);
    }

    /// <summary>The row errors of an import as "row code field".</summary>
    public Task<List<string>> ErrorsAsync(Tenant tenant, Guid job) => ListAsync(
        "select row_number || ' ' || code || ' ' || coalesce(field, '-') from row_errors where account_id = @account and job_id = @job "
            + "order by row_number",
        ("account", tenant.Account), ("job", job));

    /// <summary>The row warnings of an import as "row code field".</summary>
    public Task<List<string>> WarningsAsync(Tenant tenant, Guid job) => ListAsync(
        "select row_number || ' ' || code || ' ' || field from row_warnings where account_id = @account and job_id = @job order by "
            + "row_number",
        ("account", tenant.Account), ("job", job));

    /// <summary>The server processes that wait for a lock, as soon as there are so many.</summary>
    /// <param name="count">How many; null: any.</param>
    public Task<List<string>> WaitingAsync(int? count = null) => Eventually.GetAsync(
        () => ListAsync(CitusNodes.WaitingSessions), waiting => count is null ? waiting.Count > 0 : waiting.Count == count);

    public async Task<List<string>> ListAsync(string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> list = [];
        while (await reader.ReadAsync()) list.Add(reader.GetString(0));
        return list;
    }

    public async Task ExecuteAsync(string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync();
    }

    private NpgsqlCommand Command(string sql, (string Name, object Value)[] parameters)
    {
        var command = database.CreateCommand(sql);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}

/// <summary>The selection of a bulk job. One of the first three members is set.</summary>
internal sealed record BulkSelecting(string[]? ExternalIds = null, string? Filter = null, string? Query = null, long? Expected = null);

/// <summary>The state of a job and the sums over its lanes.</summary>
internal sealed record JobState(string Status, string? Error, long Processed, LaneCounts Counts);

/// <summary>Writes the exceptions that a lane caught to the test's output.</summary>
internal sealed class FailureLog : ILogger<LaneRunner>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) TestContext.Current.TestOutputHelper?.WriteLine($"{formatter(state, exception)} {exception}");
    }
}
