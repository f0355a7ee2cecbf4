using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Microsoft.AspNetCore.Http.Features;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>The request of the call under way: its bytes as sent, and what they were read as.</summary>
/// <param name="Body">As sent; empty where there was none.</param>
/// <param name="Problems">What did not fit; then <paramref name="Request"/> holds only the members that did.</param>
internal sealed record RpcCall(ReadOnlyMemory<byte> Body, object Request, IReadOnlyList<ErrorDetail> Problems)
{
    public static RpcCall Of(HttpContext http) => http.Features.GetRequiredFeature<RpcCall>();
}

/// <summary>Outermost: wraps what the handler returned.</summary>
internal sealed class EnvelopeFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        await next(context) switch
        {
            IResult result => result,
            var result => await Envelope.SuccessAsync(result),
        };
}

/// <summary>Reads the body, so that the filters after it and the handler have a request.</summary>
internal sealed class RequestFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var limit = http.GetEndpoint()!.Metadata.GetMetadata<BodyLimit>() ?? BodyLimit.Default;
        var body = await RequestBody.ReadAsync(http, limit.Bytes);
        http.Features.Set(RequestReader.Read(body, RpcRoute.Of(http)));
        return await next(context);
    }
}
