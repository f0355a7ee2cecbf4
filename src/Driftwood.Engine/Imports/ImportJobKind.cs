using System.Data;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Imports;

/// <summary>Opens a stored upload by its key, at its beginning. Throws <see cref="IOException"/> when it cannot be read.</summary>
public delegate Task<Stream> OpenUpload(string storageKey, CancellationToken cancellationToken);

/// <summary>
/// Imports: every lane reads the whole file and applies its share of the rows. If fields other than the match field are unique, the
/// file is first scanned for contested keys.
/// </summary>
public sealed class ImportJobKind(OpenUpload openUpload, RecordTypeCatalog types, LaneOptions options) : IJobKind
{
    /// <summary>Maximum scans that stopped their worker. After that, one lane does the whole job.</summary>
    private const int MaxScans = 5;

    /// <inheritdoc/>
    public string Name => "import";

    /// <inheritdoc/>
    public async Task<ILaneWork?> OpenAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        if (await LoadAsync(connection, lane, cancellationToken) is not { } job) return null;
        var plan = await PlanAsync(connection, lane, job, cancellationToken);
        var lanes = LanePlan.Deal(plan, job.Lanes, job.LanePlan);
        return new ImportLane(plan, FileOf(job), job.Format, lane, lanes, job.UserId, options.ChunkRows);
    }

    /// <inheritdoc/>
    public async Task<ILanePreparation?> OpenPreparationAsync(
        NpgsqlConnection connection, LaneRef lane, int attempts, CancellationToken cancellationToken)
    {
        if (await LoadAsync(connection, lane, cancellationToken) is not { } job) return null;
        var plan = await PlanAsync(connection, lane, job, cancellationToken);
        var limits = new ScanLimits(options.ChunkRows) { MaxPasses = attempts > MaxScans ? 0 : int.MaxValue };
        return new ContestedKeyScan(plan, FileOf(job), job.Format, lane, job.TotalRows, limits);
    }

    private static async Task<StoredImport?> LoadAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        await using var command = LaneTable.Command(connection, "load-import", lane);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var contested = row.IsDBNull("contested_keys") ? null : row.GetFieldValue<long[]>("contested_keys");
        return new StoredImport(
            row.GetString("record_type"),
            row.GetGuid("created_by"),
            row.GetInt64("total_count"),
            EngineJson.Read<ImportSpec>(row.GetString("confirmation")),
            FileFormats.Read(row.GetString("format")),
            row.GetFieldValue<string[]>("headers"),
            row.GetString("storage_key"),
            row.GetInt32("lanes"),
            row.IsDBNull("compared_fields") ? null : new LanePlan(row.GetFieldValue<string[]>("compared_fields"), contested));
    }

    private async Task<ImportPlan> PlanAsync(
        NpgsqlConnection connection, LaneRef lane, StoredImport job, CancellationToken cancellationToken)
    {
        var type = await types.FindAsync(connection, lane.AccountId, job.RecordType, cancellationToken)
            ?? throw new JobFailedException($"The record type {job.RecordType} is no longer there.");
        type = await types.WithCompaniesAsync(connection, lane.AccountId, type, cancellationToken);
        return new ImportPlan(type, job.Spec, job.Headers) { Dialect = options.Dialect };
    }

    private OpenFile FileOf(StoredImport job) => cancellationToken => openUpload(job.StorageKey, cancellationToken);

    private sealed record StoredImport(
        string RecordType, Guid UserId, long TotalRows, ImportSpec Spec, FileFormat Format, string[] Headers, string StorageKey, int Lanes,
        LanePlan? LanePlan);
}
