using Driftwood.Engine.Records.Queries;
using Npgsql;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>What a bulk job is applied to: ids, external IDs, the records that a query finds, or items.</summary>
public interface IBulkTargets
{
    /// <summary>How many a list names, found or not, repeated ones once; null where only the database knows.</summary>
    long? Listed { get; }

    /// <summary>Whether the job's first step stores them; the others are stored with the job.</summary>
    bool AreResolvedByJob { get; }

    /// <summary>Whether they are applied one after the other, and so in one lane.</summary>
    bool AreOrdered { get; }

    /// <summary>Stores them in the connection's transaction.</summary>
    /// <param name="connection">With a transaction; its statements may take as long as its <c>statement_timeout</c> says.</param>
    /// <param name="accountId">Whose job.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="lanes">The lanes among which they are dealt out.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>How many there are.</returns>
    Task<long> StoreAsync(NpgsqlConnection connection, Guid accountId, Guid jobId, int lanes, CancellationToken cancellationToken);
}

/// <summary>Targets that are records, and so can be counted and listed before there is a job.</summary>
public interface IRecordTargets : IBulkTargets
{
    /// <summary>What finds the records. Made when it is asked for: for 100,000 ids it takes ten times their size.</summary>
    RecordQuery Records { get; }
}
