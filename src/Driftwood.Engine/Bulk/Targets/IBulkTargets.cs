using Driftwood.Engine.Records.Queries;
using Npgsql;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>The targets of a bulk job: ids, external IDs, the records that a query finds, or items.</summary>
public interface IBulkTargets
{
    /// <summary>The number of targets that a list names, found or not, without repetitions. Null if only the database knows it.</summary>
    long? Listed { get; }

    /// <summary>Whether the job's first step stores the targets. Otherwise they are stored with the job.</summary>
    bool AreResolvedByJob { get; }

    /// <summary>Whether the targets are applied one after the other. They then need a single lane.</summary>
    bool AreOrdered { get; }

    /// <summary>The number of lanes that have targets. The first lane always counts.</summary>
    int LanesUsed(long count, int lanes) => TargetRuns.LanesUsed(count, lanes);

    /// <summary>Stores the targets in the connection's transaction.</summary>
    /// <param name="connection">With a transaction; its statements may take as long as its <c>statement_timeout</c> says.</param>
    /// <param name="accountId">The account of the job.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="lanes">The number of lanes that share the targets.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>The number of targets.</returns>
    Task<long> StoreAsync(NpgsqlConnection connection, Guid accountId, Guid jobId, int lanes, CancellationToken cancellationToken);
}

/// <summary>Targets that are records. They can be counted and listed before the job exists.</summary>
public interface IRecordTargets : IBulkTargets
{
    /// <summary>The query that finds the records. It is created on each access; for 100,000 ids it takes ten times their size.</summary>
    RecordQuery Records { get; }
}
