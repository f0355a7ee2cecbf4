using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Tokens;

internal static class UsersList
{
    private const string List = "users-list";

    public static readonly Page<UserView> Example = new(
        [
            new UserView(
                Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"),
                "Ingrid Berg",
                "ingrid@fjord.example",
                new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero)),
        ],
        null);

    internal sealed record Request : IPaged
    {
        public string? Cursor { get; init; }
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    internal sealed record UserView(Guid Id, string Name, string Email, DateTimeOffset CreatedAt);

    public static async Task<Page<UserView>> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken)
    {
        var before = Cursor.ReadId(caller, List, request.Cursor);
        var users = await db.Users.AsNoTracking()
            .Where(u => u.AccountId == caller.AccountId && (before == null || u.Id < before))
            .OrderByDescending(u => u.Id)
            .Take(request.FetchCount())
            .Select(u => new UserView(u.Id, u.Name, u.Email, u.CreatedAt))
            .ToListAsync(cancellationToken);
        return users.ToPage(request, last => Cursor.Write(caller, List, last.Id.ToString()));
    }
}
