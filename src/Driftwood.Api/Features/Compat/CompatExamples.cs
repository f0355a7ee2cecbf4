using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Rpc;

namespace Driftwood.Api.Features.Compat;

/// <summary>The examples of a service, by the names of its routes: the file <c>examples.json</c> in the service's folder.</summary>
internal sealed class CompatExamples
{
    private readonly JsonNode _routes;

    private CompatExamples(JsonNode routes) => _routes = routes;

    public static CompatExamples Of<TService>()
        where TService : ICompatService
    {
        var service = typeof(TService);
        using var file = service.Assembly.GetManifestResourceStream($"{service.Namespace}.examples.json")
            ?? throw new InvalidOperationException($"{service.Namespace} has no examples.json.");
        return new CompatExamples(JsonNode.Parse(file)!);
    }

    /// <summary>Adds the example of a route.</summary>
    public RouteHandlerBuilder AddTo(RouteHandlerBuilder route, string name)
    {
        var example = _routes[name] ?? throw new InvalidOperationException($"examples.json has none of {name}.");
        return route.WithServiceExample(example["request"]?.ToJsonString(), example["answer"]!.ToJsonString());
    }
}
