using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Platform.Persistence;

/// <summary>
/// Answers that can be had again. The answer is stored in the transaction that made what it speaks of, so either both
/// are there or neither.
/// </summary>
internal sealed class Idempotency(DriftwoodDb db, TimeProvider clock)
{
    public const string Header = "Idempotency-Key";

    /// <summary>The header of an answer that an earlier request got already.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";
    private const int MaxKeyLength = 255;

    /// <summary>The request's key; null without one.</summary>
    /// <exception cref="ApiException">422 when it is empty, too long or not visible ASCII.</exception>
    public static string? KeyOf(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var values))
            return null;
        var key = values.ToString();
        if (key.Length is 0 or > MaxKeyLength || key.Any(c => c is < ' ' or > '~'))
        {
            throw ApiException.Validation(
                Header,
                "invalid_idempotency_key",
                $"Found {key.Length} characters, expected 1 to {MaxKeyLength}, printable ASCII.");
        }

        return key;
    }

    /// <summary>
    /// The stored answer, or null when there is none yet; then this transaction alone holds the key until it ends.
    /// </summary>
    public async Task<byte[]?> FindAsync(
        Caller caller, string key, string route, byte[] requestSha256, CancellationToken cancellationToken)
    {
        var lockId = LockId(caller.AccountId, key);
        var locked = await db.Database
            .SqlQuery<bool>($"""select pg_try_advisory_xact_lock({lockId}) as "Value" """)
            .SingleAsync(cancellationToken);
        if (!locked)
        {
            throw new ApiException(
                ErrorCodes.RequestInProgress, "A request with this Idempotency-Key is still running; its answer can be had later.");
        }

        var stored = await db.IdempotencyKeys.AsNoTracking()
            .SingleOrDefaultAsync(k => k.AccountId == caller.AccountId && k.Key == key, cancellationToken);
        if (stored is null)
            return null;
        if (stored.Route == route && stored.RequestSha256.AsSpan().SequenceEqual(requestSha256))
            return stored.Response;
        throw new ApiException(
            ErrorCodes.IdempotencyMismatch, "This Idempotency-Key was used for another request; take a new key for a new request.");
    }

    /// <summary>The stored answer to this very request, or null; takes no hold of the key.</summary>
    public Task<byte[]?> FindStoredAsync(
        Caller caller, string key, string route, byte[] requestSha256, CancellationToken cancellationToken) =>
        db.IdempotencyKeys.AsNoTracking()
            .Where(k => k.AccountId == caller.AccountId && k.Key == key && k.Route == route && k.RequestSha256 == requestSha256)
            .Select(k => k.Response)
            .SingleOrDefaultAsync(cancellationToken);

    /// <summary>Stores the answer with what the handler made.</summary>
    public async Task StoreAsync(
        Caller caller,
        string key,
        string route,
        byte[] requestSha256,
        byte[] answer,
        CancellationToken cancellationToken)
    {
        db.IdempotencyKeys.Add(new IdempotencyKey
        {
            AccountId = caller.AccountId,
            Key = key,
            Route = route,
            RequestSha256 = requestSha256,
            Response = answer,
            CreatedAt = clock.GetUtcNow(),
        });
        await db.SaveChangesAsync(cancellationToken);
    }

    private static long LockId(Guid accountId, string key) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"idempotency\n{accountId:N}\n{key}")));
}
