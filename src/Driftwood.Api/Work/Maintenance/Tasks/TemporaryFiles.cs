using Driftwood.Storage;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>Removes the files of uploads that were broken off in the middle of a body. A bucket has none.</summary>
internal sealed class TemporaryFiles(DiskUploadStore? disk = null) : IMaintenanceTask
{
    /// <summary>Longer than any upload may stall between two blocks: nodes with different clocks share the files.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromHours(25);

    public string Name => "temporary_files";

    /// <summary>Leftover files only take disk space.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public Task<long> RunAsync(CancellationToken cancellationToken) => Task.FromResult((long)(disk?.CleanTemporary(MinAge) ?? 0));
}
