using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>Records by their ids, found or not, each once, in the given order.</summary>
/// <param name="type">The type of the records.</param>
/// <param name="ids">The ids as the caller gave them.</param>
public sealed class IdTargets(RecordType type, IReadOnlyList<Guid> ids) : IRecordTargets
{
    private readonly HashSet<Guid> _distinct = [.. ids];

    public long? Listed => _distinct.Count;

    public bool AreResolvedByJob => false;

    public bool AreOrdered => false;

    public RecordQuery Records => new(type, new Comparison(RecordType.Id, FilterOperator.In, [.. _distinct.Select(id => id.ToString())]));

    public async Task<long> StoreAsync(
        NpgsqlConnection connection, Guid accountId, Guid jobId, int lanes, CancellationToken cancellationToken)
    {
        HashSet<Guid> seen = new(ids.Count);
        await using var copy = await TargetCopy.BeginAsync(connection, accountId, jobId, cancellationToken);
        for (var i = 0; i < ids.Count; i++)
        {
            if (!seen.Add(ids[i])) continue;
            var (lane, position) = TargetRuns.Place(seen.Count - 1, lanes);
            await copy.AddAsync(lane, position, i, ids[i], null, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
        return seen.Count;
    }
}
