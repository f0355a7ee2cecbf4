using Driftwood.Api.Platform.Requests;

namespace Driftwood.Api.Platform.Rpc;

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
        var body = await RequestBody.ReadAsync(http);
        http.Features.Set(RequestReader.Read(body, RpcRoute.Of(http).Request));
        return await next(context);
    }
}
