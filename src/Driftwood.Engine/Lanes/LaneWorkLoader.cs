using System.Text.Json;
using Driftwood.Engine.Bulk;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Maintenance;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>Opens a stored upload by its key, at its beginning. Throws <see cref="IOException"/> when it cannot be read.</summary>
public delegate Task<Stream> OpenUpload(string storageKey, CancellationToken cancellationToken);

/// <summary>Makes a claimed lane ready to run, from what its job's rows say.</summary>
public sealed class LaneWorkLoader(OpenUpload openUpload, RecordTypeCatalog types, LaneOptions options)
{
    /// <summary>The lane's work; null when its job is gone.</summary>
    internal Task<ILaneWork?> OpenAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken) =>
        ReadAsync<ILaneWork>(connection, lane, (job, type, companies) => (job.GetString(0), type) switch
        {
            ("maintenance", _) => new FieldCleanup(DeletedField(job), lane.AccountId, options.ChunkRows),
            ("import", { }) => OpenImport(job, type, companies, lane),
            (_, { }) when job.GetBoolean(17) => OpenItems(job, type, lane),
            (_, { }) => OpenBulk(job, type, lane),
            _ => throw NoType(job),
        }, cancellationToken);

    /// <summary>The pass over an import's file that comes before its lanes; null when the job is gone.</summary>
    internal Task<ContestedKeyScan?> OpenPlanningAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken) =>
        ReadAsync(connection, lane, (job, type, companies) => new ContestedKeyScan(
            PlanOf(job, type ?? throw NoType(job), companies), FileOf(job), FormatOf(job), lane.AccountId, job.GetInt64(14), new ScanLimits(options.ChunkRows)), cancellationToken);

    /// <summary>The finding of a bulk job's targets that comes before its lanes; null when the job is gone.</summary>
    internal Task<TargetResolution?> OpenFreezingAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken) =>
        TargetResolution.OpenAsync(connection, types, lane, cancellationToken);

    private async Task<T?> ReadAsync<T>(
        NpgsqlConnection connection, LaneRef lane, Func<NpgsqlDataReader, RecordType?, RecordType, T> open, CancellationToken cancellationToken)
        where T : class
    {
        if (await ReadKindAsync(connection, lane, cancellationToken) is not { } job) return null;
        // On the lane's own connection: workers that each hold one and wait for a second can wait for ever. Before the job is
        // read, as a connection reads one thing at a time.
        var type = await types.FindAsync(connection, lane.AccountId, job.RecordType, cancellationToken);
        var companies = job.Kind == "import" ? await types.FindAsync(connection, lane.AccountId, RecordTypes.Companies.Key, cancellationToken) : null;
        await using var command = Command(connection, SqlText.Of("load-lane"), lane);
        command.Parameters.AddWithValue("lane", lane.Lane);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? open(reader, type, companies ?? RecordTypes.Companies) : null;
    }

    private static async Task<(string Kind, string RecordType)?> ReadKindAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "select kind, record_type from jobs where account_id = @account and id = @job", lane);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetString(0), reader.GetString(1)) : null;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, LaneRef lane)
    {
        var command = new NpgsqlCommand(text, connection);
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("job", lane.JobId);
        return command;
    }

    private ImportLane OpenImport(NpgsqlDataReader reader, RecordType type, RecordType companies, LaneRef lane)
    {
        var plan = PlanOf(reader, type, companies);
        return new ImportLane(plan, FileOf(reader), FormatOf(reader), lane, LanesOf(reader, plan), reader.GetGuid(2), options.ChunkRows);
    }

    private static RowLanes LanesOf(NpgsqlDataReader reader, ImportPlan plan)
    {
        var lanes = reader.GetInt32(3);
        var compared = reader.IsDBNull(15) ? [] : reader.GetFieldValue<string[]>(15);
        if (lanes > 1 && plan.OtherUnique.Any(column => !compared.Contains(LanePlan.NameOf(column.Field))))
        {
            throw new JobFailedException("A field that a column is mapped to has become unique since the import was confirmed; import the rest of the file anew.");
        }

        if (reader.IsDBNull(15)) return new RowLanes(plan, lanes, ContestedKeys.None);
        return reader.IsDBNull(16) ? new RowLanes(plan, 1, ContestedKeys.None) : new RowLanes(plan, lanes, new ContestedKeys(reader.GetFieldValue<long[]>(16)));
    }

    private static ImportPlan PlanOf(NpgsqlDataReader reader, RecordType type, RecordType companies) =>
        new(type, Read<ImportSpec>(reader.GetString(4)), reader.GetFieldValue<string[]>(6)) { Companies = companies };

    private static FileFormat FormatOf(NpgsqlDataReader reader) => FileFormats.Read(reader.GetString(5));

    private OpenFile FileOf(NpgsqlDataReader reader)
    {
        var storageKey = reader.GetString(7);
        return cancellationToken => openUpload(storageKey, cancellationToken);
    }

    private static JobFailedException NoType(NpgsqlDataReader reader) => new($"The record type {reader.GetString(1)} is no longer there.");

    private BulkLane OpenBulk(NpgsqlDataReader reader, RecordType type, LaneRef lane)
    {
        var operation = BulkOperation.Read(type, reader.GetString(8), Read<JsonElement>(reader.GetString(9)), out var faults);
        return new BulkLane(type, operation ?? throw NoLongerFit(type, faults), lane, reader.GetGuid(2), reader.GetInt64(10), options.ChunkRows);
    }

    private ItemLane OpenItems(NpgsqlDataReader reader, RecordType type, LaneRef lane)
    {
        var operation = ItemsOperation.Read(type, reader.GetString(8), Read<JsonElement>(reader.GetString(9)), out var faults);
        return new ItemLane(type, operation ?? throw NoLongerFit(type, faults), lane, reader.GetGuid(2), options.ChunkRows);
    }

    private static JobFailedException NoLongerFit(RecordType type, IReadOnlyList<Fault> faults) =>
        new($"The job's parameters no longer fit the fields of {type.Key}: {faults[0].Path}: {faults[0].Message}");

    /// <summary>Null once nothing of it is left.</summary>
    private static DeletedField? DeletedField(NpgsqlDataReader reader)
    {
        if (reader.IsDBNull(12)) return null;
        var key = reader.GetString(1);
        var type = RecordTypes.Find(key) ?? RecordTypes.Custom(reader.GetGuid(13), key, key, nameIsUnique: false, autonumber: null);
        return new DeletedField(type, reader.GetGuid(11), reader.GetInt32(12));
    }

    private static T Read<T>(string json) =>
        JsonSerializer.Deserialize<T>(json, EngineJson.Options) ?? throw new InvalidOperationException($"A stored {typeof(T).Name} is null.");
}
