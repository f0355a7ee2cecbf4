using System.Net;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Platform.Persistence;

/// <summary>
/// Notes for the audit list who changed what, when and from where, in the transaction that changes it. A note never holds values of
/// records.
/// </summary>
internal sealed class AuditTrail(DriftwoodDb db, TimeProvider clock)
{
    /// <summary>Notes a change by the caller of a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="subject">The id of what was made or changed; null where there is none.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public Task NoteAsync(HttpContext http, string? subject, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(http);
        return NoteAsync(http, caller.AccountId, caller.UserId, caller.TokenId, subject, cancellationToken);
    }

    /// <summary>Notes a change by a request that authenticates in another way than by a token.</summary>
    public Task NoteAsync(
        HttpContext http, Guid account, Guid user, Guid? token, string? subject, CancellationToken cancellationToken)
    {
        // One statement past the change tracker, since every write has it.
        var now = clock.GetUtcNow();
        var route = http.GetEndpoint()!.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName;
        var address = AddressOf(http.Connection.RemoteIpAddress);
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into audit (account_id, id, at, user_id, token_id, route, subject_id, request_id, client_address)
            values ({account}, {Guid.CreateVersion7(now)}, {now}, {user}, {token}, {route}, {subject}, {http.TraceIdentifier}, {address})
            """,
            cancellationToken);
    }

    private static string? AddressOf(IPAddress? address) =>
        (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
}
