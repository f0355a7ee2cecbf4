using Driftwood.Api.Platform.Rpc;

namespace Driftwood.Api.Features.Compat.Fulcrum;

/// <summary>Fulcrum's batches, and its forms and records to be read.</summary>
internal sealed class FulcrumService : ICompatService
{
    public string Name => "Fulcrum";

    public void Add(IServiceCollection services) => services.AddScoped<FulcrumOperations>().AddScoped<FulcrumReader>();

    public void Map(IEndpointRouteBuilder app, IConfigurationSection settings)
    {
        var options = CompatOptions.Read<FulcrumOptions>(settings);
        if (options.MaxRecords is < 1 or > 100_000) throw new FormatException("MaxRecords must be from 1 to 100000.");
        var dialect = new FulcrumDialect(CompatAccounts.Read(options.Accounts));
        var routes = new CompatPaths(app.MapGroup("/api/v2").WithTags(Name), dialect, CompatTexts.Of(Name));
        var (batches, forms) = (new FulcrumBatches(options), new FulcrumForms(options));
        var (get, post) = (HttpMethods.Get, HttpMethods.Post);
        routes.MapJson("fulcrum-batch-make", post, "batch", batches.MakeAsync, route => route.AsServiceCreate());
        routes.MapJson(
            "fulcrum-batch-operations", post, "batch/{id}/operations", batches.AddOperationsAsync, route => route.AsServiceCreate());
        routes.MapJson("fulcrum-batch-start", post, "batch/{id}/start", batches.StartAsync, route => route.InTransaction());
        routes.MapJson("fulcrum-batch-list", get, "batch", FulcrumBatches.ListAsync);
        routes.MapJson("fulcrum-batch-get", get, "batch/{id}", FulcrumBatches.GetAsync);
        routes.MapJson("fulcrum-forms-list", get, "forms", FulcrumForms.ListAsync);
        routes.MapJson("fulcrum-forms-get", get, "forms/{id}", forms.GetAsync);
        routes.MapJson("fulcrum-records-get", get, "records/{id}", FulcrumForms.RecordAsync);
    }
}
