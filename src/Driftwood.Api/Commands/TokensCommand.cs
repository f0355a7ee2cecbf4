using System.CommandLine;
using System.Globalization;
using Driftwood.Api.Nodes;
using Driftwood.Api.Platform.Security;
using Driftwood.Api.Shell;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Commands;

internal static class TokensCommand
{
    public static Command Create(CommandContext context) =>
        new("tokens", "Makes and manages an account's tokens, straight on the database; a running node may go on.")
        {
            CreateToken(context), ListTokens(context), Revoke(context),
        };

    private static Command CreateToken(CommandContext context)
    {
        var which = AccountOption();
        var name = new Option<string>("--name") { Description = "What the token is for.", DefaultValueFactory = _ => "command line" };
        var scopes = new Option<string[]>("--scopes")
        {
            Description = "What it may do (default: all).",
            AllowMultipleArgumentsPerToken = true,
        };
        scopes.AcceptOnlyFromAmong(Scopes.All);
        var days = new Option<int?>("--expires-in") { Description = "Days it works (default: for ever).", HelpName = "days" };
        days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 36_500) result.AddError("--expires-in must be from 1 to 36500 days.");
        });
        var command = new Command(
            "create", "Makes a token for the account's first user. Alone on standard output, it is shown only this once.")
        {
            which, name, scopes, days,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var plane = await ControlPlane.OpenAsync(context, cancellationToken);
            var account = await plane.FindAccountAsync(parsed.GetRequiredValue(which), cancellationToken);
            var user = await plane.Db.Users.Where(u => u.AccountId == account.Id).OrderBy(u => u.Id).FirstAsync(cancellationToken);
            var expiresAt = parsed.GetValue(days) is { } count ? TimeProvider.System.GetUtcNow().AddDays(count) : default(DateTimeOffset?);
            var (token, secret) = await plane.Administration.CreateTokenAsync(
                account.Id, user.Id, parsed.GetRequiredValue(name), parsed.GetValue(scopes) is { Length: > 0 } some ? some : null,
                expiresAt, cancellationToken);
            context.Terminal.Note($"Made the token {token.Id} ({string.Join(", ", token.Scopes)}). It is shown only this once:");
            context.Terminal.Say(secret);
            return 0;
        });
        return command;
    }

    private static Command ListTokens(CommandContext context)
    {
        var which = AccountOption();
        var command = new Command("list", "Shows an account's tokens, not their secrets: those are not kept.") { which };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var plane = await ControlPlane.OpenAsync(context, cancellationToken);
            var account = await plane.FindAccountAsync(parsed.GetRequiredValue(which), cancellationToken);
            var tokens = await plane.Db.Tokens.Where(t => t.AccountId == account.Id).OrderBy(t => t.Id).ToListAsync(cancellationToken);
            context.Terminal.Table(["Id", "Name", "Scopes", "Created", "Last used", "State"], tokens.Select(t => new[]
            {
                $"{t.Id}", t.Name, string.Join(", ", t.Scopes), Minute(t.CreatedAt), Minute(t.LastUsedAt), State(t),
            }));
            return 0;
        });
        return command;
    }

    private static Command Revoke(CommandContext context)
    {
        var which = AccountOption();
        var id = new Argument<Guid>("token") { Description = "The token's id, as tokens list shows it." };
        var command = new Command("revoke", "Refuses a token from now on, on every node at once.") { which, id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var plane = await ControlPlane.OpenAsync(context, cancellationToken);
            var account = await plane.FindAccountAsync(parsed.GetRequiredValue(which), cancellationToken);
            var token = await plane.Db.Tokens
                .SingleOrDefaultAsync(t => t.AccountId == account.Id && t.Id == parsed.GetRequiredValue(id), cancellationToken)
                ?? throw new CommandFailure($"The account has no token {parsed.GetRequiredValue(id)}; tokens list shows those it has.");
            token.RevokedAt ??= TimeProvider.System.GetUtcNow();
            await plane.Db.SaveChangesAsync(cancellationToken);
            context.Terminal.Say($"The token {token.Id} \"{Terminal.Printable(token.Name)}\" is revoked.");
            return 0;
        });
        return command;
    }

    private static Option<string> AccountOption() => new("--account") { Description = "Id or name of the account.", Required = true };

    private static string State(Token token) =>
        token.RevokedAt is { } revoked ? $"revoked {Minute(revoked)}"
        : token.ExpiresAt is { } expiry ? $"expires {Minute(expiry)}"
        : "works";

    private static string Minute(DateTimeOffset? time) =>
        time is { } t ? t.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC" : "never";
}
