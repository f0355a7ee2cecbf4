using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Fields;

internal static class FieldsList
{
    private const string List = "fields-list";

    public static readonly Page<FieldView> Example = new([FieldView.Example], null);

    internal sealed record Request : IPaged
    {
        public string? Cursor { get; init; }
        public int? Limit { get; init; }

        /// <summary>Only fields of this record type.</summary>
        public string? RecordType { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new PagingRules());
            RuleFor(request => request.RecordType).RecordTypeKey();
        }
    }

    public static async Task<Page<FieldView>> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken)
    {
        var list = $"{List} {request.RecordType}";
        var after = Cursor.ReadId(caller, list, request.Cursor);
        var fields = await db.LiveFields(caller).AsNoTracking()
            .Where(field => (after == null || field.Id > after) && (request.RecordType == null || field.RecordType == request.RecordType))
            .OrderBy(field => field.Id)
            .Take(request.FetchCount())
            .Select(FieldView.FromField)
            .ToListAsync(cancellationToken);
        return fields.ToPage(request, last => Cursor.Write(caller, list, last.Id.ToString()));
    }
}
