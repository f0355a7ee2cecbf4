using Driftwood.Api.Platform;
using Driftwood.Engine.Records;

namespace Driftwood.Api.Features.Records;

internal static class RecordsRoutes
{
    public static void AddRecords(this IServiceCollection services)
    {
        services.AddSingleton<RecordStore>();
        services.ConfigureSwaggerGen(options => options.OperationFilter<RecordOperations>());
    }

    /// <summary>Six verbs, each once for any type, which the request names, and once for every type by itself.</summary>
    public static void MapRecords(this IEndpointRouteBuilder api)
    {
        Map(api, null, RecordsCreate.HandleAsync, RecordsGet.HandleAsync, RecordsList.HandleAsync, RecordsCount.HandleAsync, RecordsUpdate.HandleAsync, RecordsDelete.HandleAsync);
        foreach (var type in RecordTypes.BuiltIn)
        {
            Map(api, type, RecordsCreate.Of(type), RecordsGet.Of(type), RecordsList.Of(type), RecordsCount.Of(type), RecordsUpdate.Of(type), RecordsDelete.Of(type));
        }
    }

    private static void Map(
        IEndpointRouteBuilder api, RecordType? type, Delegate create, Delegate get, Delegate list, Delegate count, Delegate update, Delegate delete)
    {
        var noun = type?.Key ?? "records";
        var records = api.MapGroup("").WithTags(type?.Label ?? "Records");
        RouteHandlerBuilder Route(string verb, Delegate handler, string summary, string description) => records
            .MapRpc($"{noun}-{verb}", handler)
            .WithSummary(summary)
            .WithDescription(description)
            .WithExample(RecordExamples.Request(type, verb), RecordExamples.Result(type, verb))
            .WithMetadata(new RecordRoute(type, verb));

        var theRecord = type is null ? "a record" : $"a record of {noun}";
        Route("create", create, $"Make {theRecord}", RecordTexts.Create).AsCreate();
        Route("get", get, $"Read {theRecord}", "").Reads();
        Route("list", list, "The records, newest first", "A record made while the pages are read does not shift them.").Reads();
        Route("count", count, "How many records there are", "Exact.").Reads();
        Route("update", update, $"Change {theRecord}", RecordTexts.Update);
        Route("delete", delete, $"Delete {theRecord}", RecordTexts.Delete);
    }
}

/// <summary>Endpoint metadata: for the description of a route by the fields of its type; null is any type.</summary>
internal sealed record RecordRoute(RecordType? Type, string Verb);
