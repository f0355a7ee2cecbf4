using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Api.Features.Records;

internal static class RecordsRoutes
{
    public static void AddRecords(this IServiceCollection services)
    {
        services.AddSingleton<RecordStore>();
        services.AddSingleton<RecordHistory>();
        services.AddSingleton(provider => new RecordQueries(provider.GetRequiredService<NpgsqlDataSource>())
        {
            Timeout = TimeSpan.FromSeconds(provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Records.QuerySeconds),
        });
        services.ConfigureSwaggerGen(options => options.OperationFilter<RecordOperations>());
    }

    /// <summary>Maps six verbs: once for any type, which the request names, and once for each built-in type.</summary>
    public static void MapRecords(this IEndpointRouteBuilder api)
    {
        Map(api, null);
        api.MapGroup("").WithTags("Records").MapRpc("records-history", RecordsHistory.HandleAsync)
            .WithSummary("Each change of a record, the last one first")
            .WithDescription(
                "By whom, when, and by which job and row; each changed field with its value before and after. A deleted record shows what "
                + "it held. The history is kept for 30 days (`Driftwood:Changes:Days`); jobs with `keep_changes: false` show no values.")
            .WithExample("""{"record_type": "contacts", "id": "550e8400-e29b-41d4-a716-446655440000"}""", RecordsHistory.Example)
            .Reads();
        foreach (var type in RecordTypes.BuiltIn) Map(api, type);
    }

    private static void Map(IEndpointRouteBuilder api, RecordType? type)
    {
        var noun = type?.Key ?? "records";
        var records = api.MapGroup("").WithTags(type?.Label ?? "Records");
        RouteHandlerBuilder Route(string verb, Delegate any, Func<RecordType, Delegate> typed, string summary, string description) =>
            records
            .MapRpc($"{noun}-{verb}", type is null ? any : typed(type))
            .WithSummary(summary)
            .WithDescription(description)
            .WithExample(RecordExamples.Request(type, verb), RecordExamples.Result(type, verb))
            .WithMetadata(new RecordRoute(type, verb));

        var theRecord = type is null ? "a record" : $"a record of {noun}";
        Route("create", RecordsCreate.HandleAsync, RecordsCreate.Of, $"Make {theRecord}", RecordTexts.Create).AsCreate();
        Route("get", RecordsGet.HandleAsync, RecordsGet.Of, $"Read {theRecord}", "").Reads();
        Route("list", RecordsList.HandleAsync, RecordsList.Of, "The records, filtered and sorted", RecordTexts.List).Reads().Searches();
        Route("count", RecordsCount.HandleAsync, RecordsCount.Of, "How many records there are", RecordTexts.Count).Reads().Searches();
        Route("update", RecordsUpdate.HandleAsync, RecordsUpdate.Of, $"Change {theRecord}", RecordTexts.Update).InTransaction();
        Route("delete", RecordsDelete.HandleAsync, RecordsDelete.Of, $"Delete {theRecord}", RecordTexts.Delete).InTransaction();
    }
}

/// <summary>Endpoint metadata that describes a route by the fields of its type. Null means any type.</summary>
internal sealed record RecordRoute(RecordType? Type, string Verb);
