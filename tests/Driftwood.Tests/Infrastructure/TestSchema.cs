using Driftwood.Data;
using Driftwood.Hangfire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Driftwood.Tests.Infrastructure;

/// <summary>What a node makes in an empty database when it starts. Tests copy it, since a start that makes it takes seconds.</summary>
internal static class TestSchema
{
    public static async Task MakeAsync(string connectionString)
    {
        await Migrator.MigrateAsync(connectionString, NullLogger.Instance, CancellationToken.None);
        await HangfireSchema.InstallAsync(connectionString, CancellationToken.None);
    }
}
