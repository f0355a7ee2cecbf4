using Driftwood.Api.Platform.Errors;

namespace Driftwood.Api.Platform.Services;

/// <summary>
/// Endpoint metadata: the route serves the published clients of another service. They prove who they are, and are refused, in that
/// service's way.
/// </summary>
internal abstract class ServiceDialect
{
    /// <summary>The Driftwood token in the headers of a request.</summary>
    /// <exception cref="ApiException">401: there is none in the form that the service's clients send.</exception>
    public abstract string SecretOf(HttpRequest request);

    /// <summary>Whether the account may use the service's routes. If not, they answer as if nothing existed there.</summary>
    public abstract bool IsOnFor(Guid account);

    /// <summary>The answer to a request that failed. It may set headers of the response.</summary>
    public abstract ServiceAnswer RefusalOf(ApiException failure, HttpContext http);
}
