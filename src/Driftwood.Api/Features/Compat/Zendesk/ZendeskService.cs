using Driftwood.Api.Platform.Rpc;

namespace Driftwood.Api.Features.Compat.Zendesk;

/// <summary>Zendesk's custom object jobs, for clients such as node-zendesk.</summary>
internal sealed class ZendeskService : ICompatService
{
    public string Name => "Zendesk";

    public void Map(IEndpointRouteBuilder app, IConfigurationSection settings)
    {
        var dialect = new ZendeskDialect(CompatAccounts.Read(CompatOptions.Read<CompatOptions>(settings).Accounts));
        var routes = new CompatPaths(app.MapGroup("/api/v2").WithTags(Name), dialect, CompatTexts.Of(Name));
        var (get, post) = (HttpMethods.Get, HttpMethods.Post);
        routes.MapJson(
            "zendesk-jobs-create", post, "custom_objects/{key}/jobs", ZendeskJobs.CreateAsync, route => route.AsServiceCreate(),
            StatusCodes.Status201Created);
        routes.MapJson("zendesk-job-statuses-list", get, "job_statuses", ZendeskJobs.ListAsync);
        routes.MapJson("zendesk-job-statuses-show-many", get, "job_statuses/show_many", ZendeskJobs.ShowManyAsync);
        routes.MapJson("zendesk-job-statuses-show", get, "job_statuses/{id}", ZendeskJobs.ShowAsync);
        routes.MapJson("zendesk-records-list", get, "custom_objects/{key}/records", ZendeskRecords.ListAsync);
        routes.MapJson("zendesk-records-show", get, "custom_objects/{key}/records/{id}", ZendeskRecords.ShowAsync);
    }
}
