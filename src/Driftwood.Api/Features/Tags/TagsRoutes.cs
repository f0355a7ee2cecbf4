using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Engine.Records.Queries;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Api.Features.Tags;

internal static class TagsRoutes
{
    public static void AddTags(this IServiceCollection services) =>
        services.AddSingleton(provider => new TagCounts(provider.GetRequiredService<NpgsqlDataSource>())
        {
            Timeout = TimeSpan.FromSeconds(provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Records.QuerySeconds),
        });

    public static void MapTags(this IEndpointRouteBuilder api) => api.MapRpc("tags-list", TagsList.HandleAsync)
        .WithTags("Tags")
        .WithSummary("The tags in use and how many records carry each, in alphabetical order")
        .WithDescription("Tags that differ in case only are one; the spelling is that of the newest record.")
        .WithExample("""{"record_type": "contacts"}""", TagsList.Example)
        .Reads()
        .Searches();
}
