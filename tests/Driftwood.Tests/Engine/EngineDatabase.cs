using Driftwood.Tests.Infrastructure;

namespace Driftwood.Tests.Engine;

/// <summary>A database for tests that run lanes.</summary>
public class EngineDatabase(PostgresServer server) : DatabasePerClass(server);
