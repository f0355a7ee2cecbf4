using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Tags;

internal static class TagsList
{
    private const string List = "tags-list";

    public static readonly Page<TagView> Example = new([new TagView("early bird", 12), new TagView("VIP", 340)], null);

    internal sealed record Request : IPaged
    {
        /// <summary>Only tags of this record type. Default: the records of all types are counted together.</summary>
        public string? RecordType { get; init; }

        public string? Cursor { get; init; }

        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    internal sealed record TagView(string Tag, long Count);

    public static async Task<Page<TagView>> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog catalog, TagCounts tags, CancellationToken cancellationToken)
    {
        var list = $"{List} {request.RecordType}";
        var after = Cursor.Read(caller, list, request.Cursor)?[0] ?? "";
        var types = request.RecordType is { } key
            ? [await catalog.RequireAsync(caller, key, "record_type", cancellationToken)]
            : await catalog.ListAsync(caller.AccountId, cancellationToken);
        var fetched = await tags.ListAsync(types, caller.AccountId, after, request.FetchCount(), cancellationToken);
        var page = fetched.ToPage(request, last => Cursor.Write(caller, list, last.Key));
        return new Page<TagView>([.. page.Items.Select(tag => new TagView(tag.Tag, tag.Count))], page.NextCursor);
    }
}
