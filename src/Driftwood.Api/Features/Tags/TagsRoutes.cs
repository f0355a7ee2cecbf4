using Driftwood.Api.Platform;
using Driftwood.Engine.Records;

namespace Driftwood.Api.Features.Tags;

internal static class TagsRoutes
{
    public static void AddTags(this IServiceCollection services) => services.AddSingleton<TagCounts>();

    public static void MapTags(this IEndpointRouteBuilder api) => api.MapRpc("tags-list", TagsList.HandleAsync)
        .WithTags("Tags")
        .WithSummary("The tags in use and how many records carry each, in alphabetical order")
        .WithDescription("Tags that differ in case only are one; the spelling is that of the newest record.")
        .WithExample("""{"record_type": "contacts"}""", TagsList.Example)
        .Reads();
}
