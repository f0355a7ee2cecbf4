using Hangfire.PostgreSql;
using Hangfire.Storage;

namespace Driftwood.Hangfire;

/// <summary>
/// Hangfire's PostgreSQL storage without the lock that Hangfire takes, by a row in a table, for each change of a job's state: eight
/// statements and four commits a ticket, and a killed worker leaves the row behind. A ticket's state is only shown to people, so
/// two workers that change it at once do no harm; the lane is protected by its fence.
/// </summary>
internal sealed class TicketStorage(IConnectionFactory connections, PostgreSqlStorageOptions options)
    : PostgreSqlStorage(connections, options)
{
    public override IStorageConnection GetConnection() => new Connection(this);

    private sealed class Connection(PostgreSqlStorage storage) : PostgreSqlConnection(storage)
    {
        public override IDisposable AcquireDistributedLock(string resource, TimeSpan timeout) =>
            resource.StartsWith("job:", StringComparison.Ordinal) ? NoLock.Instance : base.AcquireDistributedLock(resource, timeout);
    }

    private sealed class NoLock : IDisposable
    {
        public static readonly NoLock Instance = new();

        public void Dispose()
        {
        }
    }
}
