using System.Net.Sockets;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Shell;
using Driftwood.Engine.Records.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Nodes;

/// <summary>A node that listens, with the database it stands on.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Database _database;
    private bool _listens;
    private bool _hasStopped;

    private Node(WebApplication app, Database database) => (_app, _database) = (app, database);

    /// <summary>The address under which a client on this machine reaches it; null for a server without addresses.</summary>
    public Uri? Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses
        .Select(address => new Uri(address
            .Replace("://[::]", "://localhost", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal)
            .Replace("://+", "://localhost", StringComparison.Ordinal)
            .Replace("://*", "://localhost", StringComparison.Ordinal)))
        .OrderBy(address => address.Scheme == Uri.UriSchemeHttp ? 0 : 1)
        .FirstOrDefault();

    public DriftwoodOptions Options => _app.Services.GetRequiredService<IOptions<DriftwoodOptions>>().Value;

    /// <summary>Database, first account, signing keys, then the node itself.</summary>
    /// <param name="makeAccount">Make a first account on a configured database, too.</param>
    /// <param name="logged">Which levels are logged at the moment where configuration does not say.</param>
    /// <exception cref="CommandFailure">A setting is wrong, or an address taken.</exception>
    public static async Task<Node> StartAsync(
        CommandContext context, WebApplicationBuilder builder, bool makeAccount, Func<LogLevel, bool> logged,
            CancellationToken cancellationToken)
    {
        var options = CommandContext.ReadOptions(builder.Configuration);
        var directory = new DataDirectory(options.DataDirectory);
        var database = await NodeDatabase.OpenAsync(
            builder.Configuration, directory, options.MigrateAtStart, context.Terminal, cancellationToken);
        var node = default(Node);
        try
        {
            if (database.Route.IsAssumed && options.Role != Role.Api)
                throw new CommandFailure("The database cannot be reached. A node that runs jobs has to know how it reaches it.");
            if (database.IsEmbedded || makeAccount)
                await FirstAccount.EnsureAsync(database.ConnectionString, directory, context.Terminal, cancellationToken);
            SigningKeyFile.Provide(builder.Configuration, options, directory, database.IsEmbedded ? null : context.Terminal.Note);
            // Before it listens, the sentence of a failure says all that a log could.
            Configure(builder, () => node is { _listens: true }, logged);
            node = new Node(context.Build(builder, database.Route), database);
            await node.ListenAsync(cancellationToken);
            return node;
        }
        finally
        {
            if (node is not { _listens: true }) await (node?.DisposeAsync() ?? database.DisposeAsync());
        }
    }

    /// <summary>Returns when it has been asked to stop, and has stopped.</summary>
    public async Task WaitForShutdownAsync(CancellationToken cancellationToken)
    {
        await _app.WaitForShutdownAsync(cancellationToken);
        _listens = false;
        _hasStopped = true;
    }

    /// <summary>
    /// The node first: its lanes still write to the database. A node that could not listen is stopped too, since its background
    /// services run by then and would use what is disposed of.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_hasStopped) await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
        }
        finally
        {
            await _database.DisposeAsync();
        }
    }

    /// <exception cref="CommandFailure">It listens beyond this machine and does not know the address that callers use.</exception>
    private void RequirePublicUrl()
    {
        if (Options.PublicUrl is not null || Options.Role == Role.Worker) return;
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (addresses.FirstOrDefault(address => !PublicAddress.IsLoopback(BindingAddress.Parse(address).Host)) is not { } open) return;
        throw new CommandFailure(
            $"The node would listen beyond this machine ({open}), so it must know the address that its callers use: "
            + $"set {DriftwoodOptions.Section}:PublicUrl, such as https://api.example.com");
    }

    private static void Configure(WebApplicationBuilder builder, Func<bool> listens, Func<LogLevel, bool> logged)
    {
        // A failed start ends with one sentence; these loggers would print a stack trace before it.
        foreach (var category in new[] { "Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel" })
            builder.Logging.AddFilter(category, level => listens() && level >= LogLevel.Warning);
        // The announcement says the same (addresses, Ctrl-C).
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        if (builder.Configuration["Logging:LogLevel:Default"] is null) builder.Logging.AddFilter(logged);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = Options;
        }
        catch (OptionsValidationException e)
        {
            throw new CommandFailure($"A setting is wrong: {e.Message}", e);
        }

        try
        {
            await _app.StartAsync(cancellationToken);
            RequirePublicUrl();
            _listens = true;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CommandFailure(
                $"{e.Message.TrimEnd('.')}. Stop what listens there, or name another: --urls http://localhost:5001", e);
        }
        catch (SocketException e)
        {
            throw new CommandFailure($"The address cannot be listened on: {e.Message}.", e);
        }
        catch (FormatException e)
        {
            throw new CommandFailure($"Not an address: {e.Message} Expected something like --urls http://localhost:5001", e);
        }
    }
}
