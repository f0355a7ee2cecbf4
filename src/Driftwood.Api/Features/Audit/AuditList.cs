using System.Buffers.Binary;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Audit;

internal static class AuditList
{
    private const string List = "audit-list";

    public static readonly Page<AuditView> Example = new(
        [
            new AuditView(
                Guid.Parse("01977c20-1c40-7d21-b0a3-6e8f1a2b3c4d"),
                new DateTimeOffset(2025, 6, 15, 14, 31, 0, TimeSpan.Zero),
                Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"),
                Guid.Parse("01977c1f-3a90-7cc2-8d7e-5f0a9c1b2d3e"),
                "tokens-create",
                "01977c20-1c40-7b11-9c2d-7a8b9c0d1e2f",
                "0197a3c2-5b1e-7c44-9a51-2f0a4be1d9c7",
                "203.0.113.7"),
        ],
        null);

    internal sealed record Request : IPaged
    {
        /// <summary>Only requests of this user.</summary>
        public Guid? UserId { get; init; }

        /// <summary>Only requests with this token.</summary>
        public Guid? TokenId { get; init; }

        /// <summary>Only requests to this route, such as bulk-jobs-create.</summary>
        public string? Route { get; init; }

        /// <summary>Only changes of this thing: its id, or the key of a record type.</summary>
        public string? SubjectId { get; init; }

        /// <summary>Only requests at this time or later.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Only requests before this time.</summary>
        public DateTimeOffset? Until { get; init; }

        public string? Cursor { get; init; }
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new PagingRules());
            RuleFor(r => r.Route).Length(1, 100);
            RuleFor(r => r.SubjectId).Length(1, 100);
            RuleFor(r => r.Until).Must((request, until) => until is null || request.From is null || until > request.From)
                .WithErrorCode("out_of_range").WithMessage("Found a time that is not after from, expected a later one.");
        }
    }

    /// <summary>A request that changed something.</summary>
    /// <param name="At">When.</param>
    /// <param name="UserId">Whose token it was.</param>
    /// <param name="TokenId">The token. For the PUT of a file, the one that requested the upload.</param>
    /// <param name="Route">The route, such as bulk-jobs-create.</param>
    /// <param name="SubjectId">What was made or changed: its id, or the key of a record type; null where there is none.</param>
    /// <param name="RequestId">The request's id, as in the answer's X-Request-Id and in the log.</param>
    /// <param name="ClientAddress">Where it came from: the caller's address, or the one that a trusted proxy said.</param>
    internal sealed record AuditView(
        Guid Id,
        DateTimeOffset At,
        Guid UserId,
        Guid? TokenId,
        string Route,
        string? SubjectId,
        string RequestId,
        string? ClientAddress);

    public static async Task<Page<AuditView>> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken)
    {
        var entries = db.Audit.AsNoTracking().Where(entry => entry.AccountId == caller.AccountId);
        if (Cursor.ReadId(caller, List, request.Cursor) is { } before) entries = entries.Where(entry => entry.Id < before);
        var found = await Filter(entries, request)
            .OrderByDescending(entry => entry.Id)
            .Take(request.FetchCount())
            .Select(entry => new AuditView(
                entry.Id, entry.At, entry.UserId, entry.TokenId, entry.Route, entry.SubjectId, entry.RequestId, entry.ClientAddress))
            .ToListAsync(cancellationToken);
        return found.ToPage(request, last => Cursor.Write(caller, List, last.Id.ToString()));
    }

    private static IQueryable<AuditEntry> Filter(IQueryable<AuditEntry> entries, Request request)
    {
        if (request.UserId is { } user) entries = entries.Where(entry => entry.UserId == user);
        if (request.TokenId is { } token) entries = entries.Where(entry => entry.TokenId == token);
        if (request.Route is { } route) entries = entries.Where(entry => entry.Route == route);
        if (request.SubjectId is { } subject) entries = entries.Where(entry => entry.SubjectId == subject);
        // Ids begin with the time in milliseconds, so the primary key finds the period.
        if (request.From?.ToUniversalTime() is { } from)
        {
            var first = FirstIdOf(from.ToUnixTimeMilliseconds());
            entries = entries.Where(entry => entry.Id >= first && entry.At >= from);
        }

        if (request.Until?.ToUniversalTime() is { } until)
        {
            var behind = FirstIdOf(until.ToUnixTimeMilliseconds() + 1);
            entries = entries.Where(entry => entry.Id < behind && entry.At < until);
        }

        return entries;
    }

    /// <summary>The least id that an entry of a millisecond can have.</summary>
    private static Guid FirstIdOf(long millisecond)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, Math.Max(0, millisecond) << 16);
        return new Guid(id, bigEndian: true);
    }
}
