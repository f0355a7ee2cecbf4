using Driftwood.Data;
using Driftwood.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace Driftwood.Tests.Engine;

/// <summary>A migrated database for tests that run lanes.</summary>
public class EngineDatabase(PostgresServer server) : DatabasePerClass(server)
{
    protected override Task MigrateTemplateAsync(string connectionString) =>
        Migrator.MigrateAsync(connectionString, NullLogger.Instance, CancellationToken.None);
}
