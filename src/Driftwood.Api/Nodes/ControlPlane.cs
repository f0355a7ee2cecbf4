using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;
using Driftwood.Api.Shell;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Driftwood.Api.Nodes;

/// <summary>Accounts, users and tokens straight on the database, without a node.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private readonly Database? _database;

    /// <param name="connectionString">The address of a migrated database.</param>
    public ControlPlane(string connectionString)
        : this(connectionString, database: null)
    {
    }

    private ControlPlane(string connectionString, Database? database)
    {
        // A pooled session would outlive this object.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        Db = new DriftwoodDb(new DbContextOptionsBuilder<DriftwoodDb>().UseNpgsql(settings.ConnectionString).UseDriftwood().Options);
        Administration = new AccountAdministration(Db, TimeProvider.System);
        _database = database;
    }

    public DriftwoodDb Db { get; }

    public AccountAdministration Administration { get; }

    /// <summary>On the database a node with the same settings would use, whether or not one runs.</summary>
    public static async Task<ControlPlane> OpenAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var configuration = context.NewBuilder().Configuration;
        var options = CommandContext.ReadOptions(configuration);
        var database = await NodeDatabase.OpenAsync(
            configuration, new DataDirectory(options.DataDirectory), options.MigrateAtStart, context.Terminal, cancellationToken);
        return new ControlPlane(database.ConnectionString, database);
    }

    /// <param name="idOrName">An account's id, or its name where only one has it.</param>
    /// <exception cref="CommandFailure">There is none, or several.</exception>
    public async Task<Account> FindAccountAsync(string idOrName, CancellationToken cancellationToken)
    {
        var found = Guid.TryParse(idOrName, out var id)
            ? await Db.Accounts.Where(a => a.Id == id).ToListAsync(cancellationToken)
            : await Db.Accounts.Where(a => a.Name == idOrName).Take(2).ToListAsync(cancellationToken);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CommandFailure($"There is no account {idOrName}; accounts list shows those there are."),
            _ => throw new CommandFailure($"Several accounts are named {idOrName}; give the id, which accounts list shows."),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
    }
}
