using System.Security.Cryptography;
using Npgsql;

namespace Driftwood.LocalPostgres;

internal enum ProbeAnswer
{
    /// <summary>The server of this cluster, taking connections.</summary>
    Ours,

    /// <summary>A server that is starting, recovering, stopping or full.</summary>
    NotNow,

    /// <summary>Nobody, or another server.</summary>
    NotOurs,

    /// <summary>A server that does not accept the password.</summary>
    PasswordRefused,
}

/// <summary>Asks the server on a port whether it is the one of this cluster.</summary>
internal sealed class ServerProbe(Place place, string password)
{
    public string Password => password;

    /// <summary>The version of the server that last answered, e.g. 17.6.</summary>
    public string Version { get; private set; } = "";

    public async Task<ProbeAnswer> AskAsync(int port, CancellationToken ct)
    {
        var connection = new NpgsqlConnectionStringBuilder(LocalPostgresServer.Connection(port, password, "postgres"))
        {
            Pooling = false,
            Timeout = 5,
            CommandTimeout = 5,
        };
        try
        {
            await using var opened = new NpgsqlConnection(connection.ConnectionString);
            await opened.OpenAsync(ct);
            // Distributions add their own: "15.13 (Debian 15.13-0+deb12u1)".
            Version = opened.ServerVersion.Split(' ')[0];
            return await SeesOurFileAsync(opened, ct) ? ProbeAnswer.Ours : ProbeAnswer.NotOurs;
        }
        catch (PostgresException e)
        {
            return e.SqlState switch
            {
                PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections
                    or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => ProbeAnswer.NotNow,
                PostgresErrorCodes.InvalidPassword => ProbeAnswer.PasswordRefused,
                _ => ProbeAnswer.NotOurs,
            };
        }
        catch (NpgsqlException)
        {
            return ProbeAnswer.NotOurs;
        }
    }

    /// <summary>
    /// A copied data directory has the original's password and names the original's port, and a path may have two
    /// spellings. So the server is shown a file: only one that runs in this very directory sees it.
    /// </summary>
    private async Task<bool> SeesOurFileAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var name = "probe-" + RandomNumberGenerator.GetHexString(16, lowercase: true);
        var file = Path.Combine(place.Cluster, name);
        await File.WriteAllBytesAsync(file, [], ct);
        try
        {
            await using var command = new NpgsqlCommand("select size is not null from pg_stat_file($1, true)", connection)
            {
                Parameters = { new() { Value = name } },
            };
            return await command.ExecuteScalarAsync(ct) is true;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
