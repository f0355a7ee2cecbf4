using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Profiles;

internal static class ImportProfilesList
{
    private const string List = "import-profiles-list";

    public static readonly Page<ProfileView> Example = new([ProfileView.Example], null);

    internal sealed record Request : IPaged
    {
        public string? Cursor { get; init; }
        public int? Limit { get; init; }

        /// <summary>Only profiles of this record type.</summary>
        public string? ModelType { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new PagingRules());
            RuleFor(r => r.ModelType).RecordTypeKey();
        }
    }

    public static async Task<Page<ProfileView>> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken)
    {
        var profiles = ProfileRules.Of(db, caller).AsNoTracking();
        if (request.ModelType is { } type) profiles = profiles.Where(profile => profile.ModelType == type);
        if (Cursor.ReadId(caller, List, request.Cursor) is { } before) profiles = profiles.Where(profile => profile.Id < before);
        var rows = await profiles.OrderByDescending(profile => profile.Id).Take(request.FetchCount()).ToListAsync(cancellationToken);
        return rows.ConvertAll(ProfileView.Of).ToPage(request, last => Cursor.Write(caller, List, last.Id.ToString()));
    }
}
