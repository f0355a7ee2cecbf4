using Driftwood.Api.Platform.Rpc;

namespace Driftwood.Api.Features.Compat.Zendesk;

/// <summary>Zendesk's custom object jobs, for clients such as node-zendesk.</summary>
internal sealed class ZendeskService : ICompatService
{
    private const string Statuses = "/api/v2/job_statuses";
    private const string Records = "/api/v2/custom_objects/{key}/records";
    private static readonly CompatExamples Examples = CompatExamples.Of<ZendeskService>();

    public string Name => "Zendesk";

    public void Map(IEndpointRouteBuilder app, IConfigurationSection settings)
    {
        var dialect = new ZendeskDialect(CompatAccounts.Read(CompatOptions.Read<CompatOptions>(settings).Accounts));
        var zendesk = app.MapGroup("").WithTags(Name);
        Map(zendesk, dialect, "zendesk-jobs-create", "/api/v2/custom_objects/{key}/jobs", ZendeskJobs.CreateAsync, "POST")
            .WithSummary("Create, update or delete up to 100 records with a job")
            .WithDescription("Any record type is a custom object. A wrong shape refuses the request, a wrong value only its item.");
        Map(zendesk, dialect, "zendesk-job-statuses-list", Statuses, ZendeskJobs.ListAsync)
            .WithSummary("The account's bulk jobs, newest first")
            .WithQuery("page[size]", "1 to 100, default 100.", "100")
            .WithQuery("page[after]", "The after_cursor of the page before.");
        Map(zendesk, dialect, "zendesk-job-statuses-show-many", Statuses + "/show_many", ZendeskJobs.ShowManyAsync)
            .WithSummary("Watch several jobs, in the order of their ids")
            .WithQuery("ids", "Up to 100 ids with commas between; unknown ones are left out.", "01977c24-aa0e-7840-8e29-b41d4a716446");
        Map(zendesk, dialect, "zendesk-job-statuses-show", Statuses + "/{id}", ZendeskJobs.ShowAsync)
            .WithSummary("Watch a job");
        Map(zendesk, dialect, "zendesk-records-list", Records, ZendeskRecords.ListAsync)
            .WithSummary("The records of a type")
            .WithQuery("page[size]", "1 to 100, default 100.", "100")
            .WithQuery("page[after]", "The after_cursor of the page before.")
            .WithQuery("filter[ids]", "Up to 100 ids with commas between.")
            .WithQuery("filter[external_ids]", "Up to 100 external IDs with commas between.", "car-1,car-2")
            .WithQuery("sort", "id (default), -id, updated_at or -updated_at.", "-updated_at");
        Map(zendesk, dialect, "zendesk-records-show", Records + "/{id}", ZendeskRecords.ShowAsync)
            .WithSummary("Read a record");
    }

    // node-zendesk adds .json to every path. A handler takes it off a parameter; after a word it is a path of its own.
    private static RouteHandlerBuilder Map(
        IEndpointRouteBuilder zendesk, ZendeskDialect dialect, string name, string path, Delegate handler, string method = "GET")
    {
        RouteHandlerBuilder MapAs(string name, string path) => method == "GET"
            ? zendesk.MapService(dialect, name, method, path, handler)
            : zendesk.MapService(dialect, name, method, path, handler, StatusCodes.Status201Created).AsServiceCreate();
        if (!path.EndsWith('}')) MapAs(name + "-json", path + ".json").ExcludeFromDescription();
        return Examples.AddTo(MapAs(name, path), name);
    }
}
