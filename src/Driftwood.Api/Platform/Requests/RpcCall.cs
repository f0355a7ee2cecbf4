using Driftwood.Api.Platform.Errors;
using Driftwood.Engine.Faults;
using Microsoft.AspNetCore.Http.Features;

namespace Driftwood.Api.Platform.Requests;

/// <summary>The request of the call under way: its bytes as sent, and what they were read as.</summary>
/// <param name="Body">The bytes as sent; empty where there were none.</param>
/// <param name="Problems">The members that did not fit; <paramref name="Request"/> then holds only those that did.</param>
internal sealed record RpcCall(ReadOnlyMemory<byte> Body, object Request, IReadOnlyList<Fault> Problems)
{
    public static RpcCall Of(HttpContext http) => http.Features.GetRequiredFeature<RpcCall>();
}

/// <summary>The request of routes that take none.</summary>
internal sealed record NoRequest;
