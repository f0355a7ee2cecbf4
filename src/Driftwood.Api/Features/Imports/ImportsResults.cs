using System.Globalization;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Driftwood.Engine;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Records.Types;
using FluentValidation;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsResults
{
    public static readonly Page<ImportResult> Example = new(
        [
            new(
                1, ImportOutcome.Created, Guid.Parse("550e8400-e29b-41d4-a716-446655440000"), null,
                new LinkedCompany(Guid.Parse("550e8400-e29b-41d4-a716-446655440009"), LinkOutcome.Linked), null, null),
            new(2, ImportOutcome.Updated, Guid.Parse("550e8400-e29b-41d4-a716-446655440001"), ["city", "tags"], null, null, null),
        ],
        null);

    internal sealed record Request : IPaged
    {
        public required Guid Id { get; init; }

        /// <summary>created, updated, skipped or failed. Without it: all.</summary>
        public ImportOutcome? Outcome { get; init; }

        /// <summary>Whether <c>values</c> has each changed field, before and after. Without it: false.</summary>
        public bool? IncludeValues { get; init; }
        public string? Cursor { get; init; }
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    /// <summary>What the handler reads with.</summary>
    internal sealed class Reader(
        ImportReader imports, RecordTypeCatalog types, ImportResults results, TimeProvider clock, IOptions<DriftwoodOptions> options)
    {
        public async Task<ResultPage<ImportResult>> ReadAsync(
            Caller caller, Request request, long after, CancellationToken cancellationToken)
        {
            var job = await imports.FindAsync(caller, request.Id, cancellationToken);
            RequireLog(job, options.Value.Changes, clock.GetUtcNow());
            var type = await types.RequireAsync(caller, job.RecordType, "id", cancellationToken);
            return await results.ReadAsync(
                type, caller.AccountId, request.Id, request.Outcome, request.IncludeValues ?? false, after,
                request.Limit ?? Paging.DefaultLimit, cancellationToken);
        }
    }

    /// <summary>Requires that the change log of an import is still kept.</summary>
    /// <exception cref="ApiException">409.</exception>
    public static void RequireLog(Job job, ChangeOptions changes, DateTimeOffset now)
    {
        if (!(job.StartedAt < changes.KeptSince(now))) return;
        throw ApiException.InvalidState($"The import began more than {changes.Days} days ago, and the change log is kept no longer.");
    }

    public static async Task<Page<ImportResult>> HandleAsync(
        Request request, Caller caller, Reader reader, CancellationToken cancellationToken)
    {
        var list = $"imports-results {request.Id} {request.Outcome}";
        var page = await reader.ReadAsync(caller, request, Cursor.ReadNumber(caller, list, request.Cursor) ?? 0, cancellationToken);
        return new Page<ImportResult>(
            page.Items, page.Next is { } next ? Cursor.Write(caller, list, next.ToString(CultureInfo.InvariantCulture)) : null);
    }
}
