using System.Security.Cryptography;
using System.Text;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Microsoft.AspNetCore.Http.Features;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>
/// Innermost: runs the handler, in one transaction where the route asks for it, and what it registered with
/// <see cref="AfterCommit"/> once that stands.
/// </summary>
internal sealed class TransactionFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var result = http.GetEndpoint()!.Metadata.GetMetadata<Transactional>() is { } transactional
            ? await RunAsync(context, next, transactional)
            : await next(context);
        await http.RequestServices.GetRequiredService<AfterCommit>().RunAsync();
        return result;
    }

    /// <summary>The kept answer to this very request; null where there is none, or the route keeps none.</summary>
    public static async Task<object?> ReplayAsync(HttpContext http)
    {
        if (http.GetEndpoint()!.Metadata.GetMetadata<Transactional>() is not { KeepsAnswer: true }
            || Idempotency.KeyOf(http.Request) is not { } key)
        {
            return null;
        }
        var idempotency = http.RequestServices.GetRequiredService<Idempotency>();
        var sha256 = FingerprintOf(http);
        var stored = await idempotency.FindStoredAsync(Caller.Of(http), key, NameOf(http), sha256, http.RequestAborted);
        return stored is null ? null : AnswerForm.Of(http).Repeat(stored);
    }

    private static async Task<object?> RunAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next, Transactional transactional)
    {
        var http = context.HttpContext;
        var cancellationToken = http.RequestAborted;
        var key = transactional.KeepsAnswer ? Idempotency.KeyOf(http.Request) : null;
        var db = http.RequestServices.GetRequiredService<DriftwoodDb>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var result = key is null ? await RunAndNoteAsync(context, next) : await RunOnceAsync(context, next, key);
        // A commit that has begun is not taken back because the caller hung up.
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    /// <summary>Runs the handler, and notes what it changed in its transaction. An answer that is given again changes nothing.</summary>
    private static async Task<object?> RunAndNoteAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var result = await next(context);
        await http.RequestServices.GetRequiredService<AuditTrail>()
            .NoteAsync(http, AnswerForm.Of(http).SubjectOf(result), http.RequestAborted);
        return result;
    }

    private static async Task<object?> RunOnceAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next, string key)
    {
        var http = context.HttpContext;
        var cancellationToken = http.RequestAborted;
        var idempotency = http.RequestServices.GetRequiredService<Idempotency>();
        var caller = Caller.Of(http);
        var route = NameOf(http);
        var sha256 = FingerprintOf(http);
        var form = AnswerForm.Of(http);
        if (await idempotency.FindAsync(caller, key, route, sha256, cancellationToken) is { } stored)
            return form.Repeat(stored);
        var (answer, bytes) = await form.MakeAsync(await RunAndNoteAsync(context, next));
        await idempotency.StoreAsync(caller, key, route, sha256, bytes, cancellationToken);
        return answer;
    }

    /// <summary>
    /// A hash of method, path, query and body, as they were sent. Two requests with one hash are the same request.
    /// </summary>
    private static byte[] FingerprintOf(HttpContext http)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        sha256.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Method} {target}\n"));
        sha256.AppendData(RpcCall.Of(http).Body.Span);
        return sha256.GetHashAndReset();
    }

    private static string NameOf(HttpContext http) =>
        http.GetEndpoint()!.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName;
}
