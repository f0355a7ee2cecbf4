using Driftwood.Api.Shell;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Nodes;

/// <summary>An account to begin with, for whoever has just started their own node.</summary>
internal static class FirstAccount
{
    private const string Name = "My account";

    /// <summary>The lock by which one of several processes on a new database makes the account; any constant will do.</summary>
    private const long LockId = 0x6669_7273_7461_6363; // "firstacc"

    /// <summary>
    /// Makes an account, its user and a token where there is no account yet; the token is kept in the data directory, and shown, this
    /// once, to a person who watches, but not to a log. It is on disk before the account is committed: no account is without the token
    /// that opens it.
    /// </summary>
    public static async Task EnsureAsync(
        string connectionString, DataDirectory directory, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var plane = new ControlPlane(connectionString);
        if (await plane.Db.Accounts.AnyAsync(cancellationToken)) return;
        await using var transaction = await plane.Db.BeginAsync(cancellationToken);
        await plane.Db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({LockId})", cancellationToken);
        if (await plane.Db.Accounts.AnyAsync(cancellationToken)) return;
        var (account, user) = await plane.Administration.CreateAccountAsync(Name, "Owner", "owner@localhost", cancellationToken);
        var (_, secret) = await plane.Administration.CreateTokenAsync(
            account.Id, user.Id, "first", scopes: null, expiresAt: null, cancellationToken);
        directory.WriteToken(secret);
        await transaction.CommitAsync(cancellationToken);
        var kept = DataDirectory.Shown(directory.TokenFile);
        if (!terminal.IsInteractive)
        {
            terminal.Say($"Made the account \"{Name}\". Its token is in {kept}.");
            return;
        }

        terminal.Say($"Made the account \"{Name}\". Its token, shown only this once and kept in {kept}:");
        terminal.Say($"  {secret}");
    }
}
