using Driftwood.Api.Platform;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsRoutes
{
    public static void MapBulkJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("").WithTags("Bulk jobs");

        jobs.MapRpc("bulk-jobs-create", BulkJobsCreate.HandleAsync)
            .WithSummary("Delete, update or tag many records at once")
            .WithDescription("The job is queued and answered at once; poll bulk-jobs-get. Ids that do not exist fail by themselves, the others go on.")
            .WithExample(
                """
                {"entity_type": "contacts", "operation": "delete", "entity_ids": ["550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440001", "550e8400-e29b-41d4-a716-446655440002"]}
                """,
                BulkJobView.Example)
            .AsCreate();

        jobs.MapRpc("bulk-jobs-get", BulkJobsGet.HandleAsync)
            .WithSummary("Watch a bulk job")
            .WithExample($$"""{"id": "{{BulkJobView.Example.Id}}"}""", BulkJobView.Example)
            .Reads();

        jobs.MapRpc("bulk-jobs-list", BulkJobsList.HandleAsync)
            .WithSummary("The account's bulk jobs, newest first, without their ids")
            .WithExample("""{"status": "completed", "limit": 20}""", BulkJobsList.Example)
            .Reads();
    }
}
