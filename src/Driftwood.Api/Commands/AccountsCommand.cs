using System.CommandLine;
using System.Globalization;
using Driftwood.Api.Nodes;
using Driftwood.Api.Shell;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Commands;

/// <summary>Accounts are made here and nowhere else: no token may make another account.</summary>
internal static class AccountsCommand
{
    public static Command Create(CommandContext context) =>
        new("accounts", "Makes and manages accounts, straight on the database; a running node may go on.")
        {
            CreateAccount(context), ListAccounts(context), Disable(context), Enable(context),
        };

    private static Command CreateAccount(CommandContext context)
    {
        var name = new Argument<string>("name") { Description = "What the account is called." };
        var userName = new Option<string>("--user") { Description = "Name of its first user.", DefaultValueFactory = _ => "Owner" };
        var email = new Option<string>("--email")
        {
            Description = "E-mail of its first user.",
            DefaultValueFactory = _ => "owner@localhost",
        };
        var command = new Command(
            "create", "Makes an account with a user and a token. The token, alone on standard output, is shown only this once.")
        {
            name, userName, email,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var plane = await ControlPlane.OpenAsync(context, cancellationToken);
            await using var transaction = await plane.Db.BeginAsync(cancellationToken);
            var (account, user) = await plane.Administration.CreateAccountAsync(
                parsed.GetRequiredValue(name), parsed.GetRequiredValue(userName), parsed.GetRequiredValue(email), cancellationToken);
            var (_, secret) = await plane.Administration.CreateTokenAsync(
                account.Id, user.Id, "first", scopes: null, expiresAt: null, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            context.Terminal.Note(
                $"Made the account {account.Id} \"{Terminal.Printable(account.Name)}\". Its token, shown only this once:");
            context.Terminal.Say(secret);
            return 0;
        });
        return command;
    }

    private static Command ListAccounts(CommandContext context)
    {
        var command = new Command("list", "Shows every account.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var plane = await ControlPlane.OpenAsync(context, cancellationToken);
            var accounts = await plane.Db.Accounts.OrderBy(a => a.CreatedAt).ThenBy(a => a.Id)
                .Select(a => new
                {
                    a.Id,
                    a.Name,
                    a.CreatedAt,
                    a.DisabledAt,
                    Tokens = plane.Db.Tokens.Count(t => t.AccountId == a.Id && t.RevokedAt == null),
                })
                .ToListAsync(cancellationToken);
            context.Terminal.Table(["Id", "Name", "Created", "Tokens", "State"], accounts.Select(a => new[]
            {
                $"{a.Id}", a.Name, Day(a.CreatedAt), a.Tokens.ToString(CultureInfo.InvariantCulture),
                a.DisabledAt is { } since ? $"disabled {Day(since)}" : "enabled",
            }));
            return 0;
        });
        return command;
    }

    private static Command Disable(CommandContext context) => Switch(
        context,
        "disable",
        "Refuses the account's tokens from now on and stops its jobs at their next step; nothing is deleted.",
        disable: true);

    private static Command Enable(CommandContext context) => Switch(
        context, "enable", "Takes a disabled account's tokens again.", disable: false);

    private static Command Switch(CommandContext context, string verb, string description, bool disable)
    {
        var which = new Argument<string>("account") { Description = "Id or name." };
        var command = new Command(verb, description) { which };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var plane = await ControlPlane.OpenAsync(context, cancellationToken);
            var account = await plane.FindAccountAsync(parsed.GetRequiredValue(which), cancellationToken);
            account.DisabledAt = disable ? account.DisabledAt ?? TimeProvider.System.GetUtcNow() : null;
            await plane.Db.SaveChangesAsync(cancellationToken);
            context.Terminal.Say($"The account {account.Id} \"{Terminal.Printable(account.Name)}\" is {verb}d.");
            return 0;
        });
        return command;
    }

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
