using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>Writes a job's targets by COPY, one row per run, in the connection's transaction.</summary>
internal sealed class TargetCopy : IAsyncDisposable
{
    private const string Text = """
        copy bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids, external_ids, created)
        from stdin (format binary)
        """;

    private readonly NpgsqlBinaryImporter _copy;
    private readonly Guid _account;
    private readonly Guid _job;
    private readonly List<long> _indexes = new(TargetRuns.Length);
    private readonly List<Guid?> _records = new(TargetRuns.Length);
    private readonly List<string?> _externalIds = new(TargetRuns.Length);
    private readonly List<bool> _created = new(TargetRuns.Length);
    private int _lane;
    private long _first;

    private TargetCopy(NpgsqlBinaryImporter copy, Guid account, Guid job) => (_copy, _account, _job) = (copy, account, job);

    public static async Task<TargetCopy> BeginAsync(
        NpgsqlConnection connection, Guid account, Guid job, CancellationToken cancellationToken) =>
        new(await connection.BeginBinaryImportAsync(Text, cancellationToken), account, job);

    /// <summary>Adds a target. The targets of a lane must be added in the order of their positions.</summary>
    /// <param name="lane">The lane that applies the target.</param>
    /// <param name="position">The position in the lane, from 1.</param>
    /// <param name="index">The place in the caller's list, from 0.</param>
    /// <param name="record">The id of the record. Null if there is none, for example for an item that failed.</param>
    /// <param name="externalId">The external ID, if the caller named the target by it.</param>
    /// <param name="cancellationToken">Stops the copy, and so the transaction.</param>
    /// <param name="isCreated">The target is an item that created its record.</param>
    public async ValueTask AddAsync(
        int lane, long position, long index, Guid? record, string? externalId, CancellationToken cancellationToken, bool isCreated = false)
    {
        if (_indexes.Count == TargetRuns.Length || lane != _lane || position != _first + _indexes.Count)
        {
            await WriteAsync(cancellationToken);
            (_lane, _first) = (lane, position);
        }

        _indexes.Add(index);
        _records.Add(record);
        _externalIds.Add(externalId);
        _created.Add(isCreated);
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(cancellationToken);
        await _copy.CompleteAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _copy.DisposeAsync();

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_indexes.Count == 0) return;
        await _copy.StartRowAsync(cancellationToken);
        await _copy.WriteAsync(_account, NpgsqlDbType.Uuid, cancellationToken);
        await _copy.WriteAsync(_job, NpgsqlDbType.Uuid, cancellationToken);
        await _copy.WriteAsync(_lane, NpgsqlDbType.Integer, cancellationToken);
        await _copy.WriteAsync(_first, NpgsqlDbType.Bigint, cancellationToken);
        await _copy.WriteAsync(_indexes, NpgsqlDbType.Array | NpgsqlDbType.Bigint, cancellationToken);
        await _copy.WriteAsync(_records, NpgsqlDbType.Array | NpgsqlDbType.Uuid, cancellationToken);
        if (_externalIds.TrueForAll(id => id is null)) await _copy.WriteNullAsync(cancellationToken);
        else await _copy.WriteAsync(_externalIds, NpgsqlDbType.Array | NpgsqlDbType.Text, cancellationToken);
        if (_created.TrueForAll(created => !created)) await _copy.WriteNullAsync(cancellationToken);
        else await _copy.WriteAsync(_created, NpgsqlDbType.Array | NpgsqlDbType.Boolean, cancellationToken);
        _indexes.Clear();
        _records.Clear();
        _externalIds.Clear();
        _created.Clear();
    }
}
