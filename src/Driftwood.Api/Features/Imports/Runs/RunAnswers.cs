using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Features.Imports.Runs;

/// <summary>The answers of imports-run that can be had again by their Idempotency-Key.</summary>
internal sealed class RunAnswers(Idempotency idempotency)
{
    /// <summary>The answer to the same request before. Without one, the transaction holds the request's key until it ends.</summary>
    /// <returns>Null if there is none, or the request has no key.</returns>
    /// <exception cref="ApiException">409 while the same request is under way; 422 if the key was used for another one.</exception>
    public async Task<IResult?> FindAsync(HttpContext http, RunForm.Read form, CancellationToken cancellationToken)
    {
        if (Idempotency.KeyOf(http.Request) is not { } key) return null;
        var stored = await idempotency.FindAsync(Caller.Of(http), key, ImportRunsRoutes.Name, form.Sha256, cancellationToken);
        return stored is null ? null : EnvelopeForm.Instance.Repeat(stored);
    }

    /// <summary>Keeps an answer in the transaction of what it speaks of, if the request has a key.</summary>
    /// <returns>The answer.</returns>
    public async Task<IResult> KeepAsync(HttpContext http, RunForm.Read form, object? result, CancellationToken cancellationToken)
    {
        var (answer, body) = await EnvelopeForm.Instance.MakeAsync(result);
        if (Idempotency.KeyOf(http.Request) is { } key)
            await idempotency.StoreAsync(Caller.Of(http), key, ImportRunsRoutes.Name, form.Sha256, body, cancellationToken);
        return answer;
    }
}
