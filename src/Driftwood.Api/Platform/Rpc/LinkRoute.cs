using System.Text.Json;
using Driftwood.Api.Platform.Requests;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>Endpoint metadata: a GET route that does what an RPC that reads does, so that its address can stand in answers.</summary>
/// <param name="Path">The path under /api, such as <c>imports/{id}/errors.csv</c>.</param>
/// <param name="Rpc">The RPC. Members of its request stand in the path, and the others in the query.</param>
internal sealed record LinkRoute(string Path, RpcRoute Rpc)
{
    /// <summary>The members of the request that stand in the path.</summary>
    public IReadOnlyList<string> PathMembers { get; } =
        [.. RoutePatternFactory.Parse(Path).Parameters.Select(parameter => parameter.Name)];

    /// <summary>The others.</summary>
    public IEnumerable<string> QueryMembers => Rpc.Request.Members.Keys.Except(PathMembers);
}

/// <summary>Reads the path and the query, so that the filters after it and the handler have a request.</summary>
internal sealed class LinkFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var link = http.GetEndpoint()!.Metadata.GetRequiredMetadata<LinkRoute>();
        http.Features.Set(RequestReader.Read(BodyOf(http, link), link.Rpc.Request));
        return next(context);
    }

    /// <summary>The request as the RPC would get it. A member that is unknown, or is given twice, is refused there.</summary>
    private static byte[] BodyOf(HttpContext http, LinkRoute link)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            foreach (var name in link.PathMembers)
                TextMember.Write(writer, link.Rpc.Request, name, (string?)http.GetRouteValue(name) ?? "");
            foreach (var (name, values) in http.Request.Query)
            {
                foreach (var value in values) TextMember.Write(writer, link.Rpc.Request, name, value ?? "");
            }

            writer.WriteEndObject();
        }

        return body.ToArray();
    }
}
