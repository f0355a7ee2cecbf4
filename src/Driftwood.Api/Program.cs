using Driftwood.Api.Commands;
using Driftwood.Api.Features.Accounts;
using Driftwood.Api.Features.Audit;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.Compat;
using Driftwood.Api.Features.Fields;
using Driftwood.Api.Features.Imports;
using Driftwood.Api.Features.Imports.Profiles;
using Driftwood.Api.Features.Imports.Runs;
using Driftwood.Api.Features.Imports.Samples;
using Driftwood.Api.Features.Imports.Templates;
using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Features.RecycleBin;
using Driftwood.Api.Features.Tags;
using Driftwood.Api.Features.Tokens;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.OpenApi;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Work;
using Driftwood.Data;

// The command line: serve, the default, starts a node on its database; so does demo; the others end by themselves.
return await CommandLine.RunAsync(args, Build);

static WebApplication Build(WebApplicationBuilder builder, DatabaseRoute database)
{
    builder.AddLogging();
    var options = builder.Services.AddDriftwoodOptions(builder.Configuration);
    builder.Services.AddDatabase(database, options.Jobs.WorkerCount);

    // Services that every route shares: envelope, validation, authentication, idempotency, errors, OpenAPI.
    builder.Services.AddPlatform();
    builder.Services.AddTelemetry(options.Telemetry);
    builder.Services.AddOpenApi();

    // The features' own services, one line a noun.
    builder.Services.AddJobs();
    builder.Services.AddImports(options.Uploads);
    builder.Services.AddImportRuns();
    builder.Services.AddRecords();
    builder.Services.AddBulkJobs();
    builder.Services.AddRecycleBin();
    builder.Services.AddTags();
    builder.Services.AddRecordTypes();
    builder.Services.AddCompat();

    // Jobs: the lanes of a job are run by Hangfire's workers. A setting has workers of our own run them instead.
    builder.Services.AddWork();
    if (options.Jobs.Engine == JobEngines.Hangfire) builder.Services.AddHangfireLanes(options, database);
    else builder.Services.AddInProcessLanes(options);

    var app = builder.Build();
    app.UsePlatform(options);

    // Always: liveness, readiness. By setting: metrics.
    app.MapHealth();
    app.MapMetrics(options.Telemetry);

    // Nodes that answer HTTP: the API, one line a noun, and its description.
    if (options.Role != Role.Worker)
    {
        var api = app.MapApi();
        api.MapAccounts();
        api.MapAudit();
        api.MapBulkJobs();
        api.MapRecycleBin();
        api.MapFields();
        api.MapImports();
        api.MapImportProfiles();
        api.MapImportTemplates();
        api.MapImportRuns();
        api.MapImportSamples();
        api.MapRecords();
        api.MapRecordTypes();
        api.MapTags();
        api.MapTokens();
        app.MapUploads();
        app.MapCompat();
        app.MapOpenApi();
        app.MapHangfireDashboard(options.Jobs);
    }

    return app;
}
