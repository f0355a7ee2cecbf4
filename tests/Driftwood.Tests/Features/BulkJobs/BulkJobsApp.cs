using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>The API with room for three bulk jobs per account at a time.</summary>
public sealed class BulkJobsApp(PostgresServer server) : ImportsApp(server)
{
    public const int MaxActiveJobs = 3;

    private protected override IEnumerable<(string Key, string Value)> MoreSettings =>
        [("Driftwood:Jobs:MaxActiveJobsPerAccount", $"{MaxActiveJobs}"), ("Driftwood:Jobs:ChunkRows", "300")];

    /// <summary><c>index record code</c> of each target that failed.</summary>
    public async Task<string> FailuresAsync(Guid job) => (string)(await ScalarAsync($"""
        select coalesce(string_agg(target_index || ' ' || record_id || ' ' || code, ', ' order by target_index), '')
        from target_failures where job_id = '{job}'
        """))!;
}
