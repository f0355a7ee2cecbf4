using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;

namespace Driftwood.Api.Features.Compat;

/// <summary>What the OpenAPI document says of a service's routes: the file <c>routes.json</c> in the service's folder, by route.</summary>
internal sealed class CompatTexts
{
    private readonly Dictionary<string, RouteText> _routes;

    private CompatTexts(Dictionary<string, RouteText> routes) => _routes = routes;

    /// <summary>The texts of the service with this name, which is that of its folder.</summary>
    public static CompatTexts Of(string service)
    {
        using var stream = typeof(CompatTexts).Assembly.GetManifestResourceStream($"compat/{service}/routes.json")
            ?? throw new InvalidOperationException($"There is no routes.json of {service}.");
        return new CompatTexts(JsonSerializer.Deserialize<Dictionary<string, RouteText>>(stream, WireJson.Options)!);
    }

    /// <summary>Adds the texts of a route.</summary>
    public RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name)
    {
        var text = _routes[name];
        route.WithSummary(text.Summary).WithServiceExample(text.Request?.ToJsonString(), text.Answer.ToJsonString());
        if (text.Description is not null) route.WithDescription(text.Description);
        foreach (var (member, query) in text.Query ?? []) route.WithQuery(member, query.Description, query.Example);
        return route;
    }

    /// <param name="Summary">A few words.</param>
    /// <param name="Description">What the summary does not say.</param>
    /// <param name="Query">The members of the query with their meaning.</param>
    /// <param name="Request">An example of the body.</param>
    /// <param name="Answer">An example of the answer.</param>
    private sealed record RouteText(
        string Summary,
        JsonNode Answer,
        JsonNode? Request = null,
        string? Description = null,
        Dictionary<string, QueryText>? Query = null);

    /// <param name="Description">What the member means.</param>
    /// <param name="Example">A value of it.</param>
    private sealed record QueryText(string Description, string? Example = null);
}
