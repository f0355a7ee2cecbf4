using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Tokens;

internal static class TokensList
{
    private const string List = "tokens-list";

    public static readonly Page<TokenView> Example = new([TokenView.Example], null);

    internal sealed record Request : IPaged
    {
        public string? Cursor { get; init; }
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    public static async Task<Page<TokenView>> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken)
    {
        var before = Cursor.ReadId(caller, List, request.Cursor);
        var tokens = await db.Tokens.AsNoTracking()
            .Where(t => t.AccountId == caller.AccountId && (before == null || t.Id < before))
            .OrderByDescending(t => t.Id)
            .Take(request.FetchCount())
            .Select(TokenView.FromToken)
            .ToListAsync(cancellationToken);
        return tokens.ToPage(request, last => Cursor.Write(caller, List, last.Id.ToString()));
    }
}
