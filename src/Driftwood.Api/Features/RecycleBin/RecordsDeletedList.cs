using System.Globalization;
using System.Text.Json;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.RecycleBin;

internal static class RecordsDeletedList
{
    private const string Member = "cursor";

    public static readonly Page<DeletedRecord> Example = new(
        [
            new(
                Guid.Parse("01977c20-51b8-7d10-a6a5-9b1f0f6d2c11"), new DateTimeOffset(2025, 6, 15, 14, 30, 2, TimeSpan.Zero),
                Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"), "Jane Smith", Guid.Parse("01977c24-aa0e-7840-8e29-b41d4a716446"),
                new Dictionary<string, JsonElement?> { ["email"] = JsonElement.Parse("\"jane@example.com\"") }),
        ],
        null);

    /// <summary>The request of a type's own route.</summary>
    internal record TypedRequest : IPaged
    {
        /// <summary>
        /// A tree of conditions on deleted records: on what they held, deleted_at, deleted_by and deleted_by_job; see docs/undo.md.
        /// </summary>
        public JsonElement? Filter { get; init; }

        public string? Cursor { get; init; }

        public int? Limit { get; init; }
    }

    internal sealed record Request : TypedRequest, IOfRecordType
    {
        public required string RecordType { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    internal sealed class TypedValidator : AbstractValidator<TypedRequest>
    {
        public TypedValidator() => Include(new PagingRules());
    }

    public static async Task<Page<DeletedRecord>> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, DeletedRecords deleted, CancellationToken cancellationToken) =>
        await ReadAsync(await types.OfAsync(caller, request, cancellationToken), request, caller, deleted, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        async (TypedRequest request, Caller caller, RecordTypeCatalog types, DeletedRecords deleted, CancellationToken cancellationToken) =>
            await ReadAsync(await types.OfAsync(caller, type, cancellationToken), request, caller, deleted, cancellationToken);

    private static async Task<Page<DeletedRecord>> ReadAsync(
        RecordType type, TypedRequest request, Caller caller, DeletedRecords deleted, CancellationToken cancellationToken)
    {
        var filter = request.Filter.ReadFilter(type.WithDeletion());
        var list = $"records-deleted-list {type.Key}{(filter is null ? "" : $" {RecordPages.NameOf(filter)}")}";
        var after = ReadPlace(Cursor.Read(caller, list, request.Cursor));
        var records = await deleted.ReadAsync(type, caller.AccountId, filter, after, request.FetchCount(), cancellationToken);
        return records.ToPage(request, last => Write(last.Place!));
        string Write(DeletionPlace place) =>
            Cursor.Write(caller, list, Text(place.At.UtcTicks), $"{place.Change}", Text(place.Part), Text(place.Place));
    }

    private static DeletionPlace? ReadPlace(string[]? key)
    {
        if (key is null) return null;
        return key is [var at, var change, var part, var place] && IsNumber(at, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks
            && Guid.TryParse(change, out var id) && IsNumber(part, out var n) && n <= int.MaxValue && IsNumber(place, out var row)
            ? new DeletionPlace(new DateTimeOffset(ticks, TimeSpan.Zero), id, (int)n, row)
            : throw Cursor.Invalid(Member);
    }

    private static bool IsNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
