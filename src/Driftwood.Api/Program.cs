using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.Imports;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Features.Tags;
using Driftwood.Api.Features.Tokens;
using Driftwood.Api.Platform;
using Driftwood.Api.Work;
using Driftwood.Data;

// `driftwood migrate` prepares the database and ends; everything else starts a node.
var migrateOnly = args is ["migrate", ..];
var builder = WebApplication.CreateBuilder(migrateOnly ? args[1..] : args);
builder.AddLogging();

// The database: configured, or started here; then brought to this build's schema.
var options = builder.Services.AddDriftwoodOptions(builder.Configuration);
var connectionString = await Database.FindConnectionStringAsync(builder.Configuration, CancellationToken.None);
if (migrateOnly || options.MigrateAtStart)
    await builder.MigrateAsync(connectionString);
if (migrateOnly)
    return;
builder.Services.AddDatabase(connectionString);

// What every route shares: envelope, validation, authentication, idempotency, errors, OpenAPI.
builder.Services.AddPlatform();
builder.Services.AddOpenApi();

// The features' own services, one line a noun.
builder.Services.AddImports();
builder.Services.AddRecords();
builder.Services.AddTags();

// What runs lanes: the queue to wake them through, the sweeper, and on nodes that work the workers.
builder.Services.AddWork(options.Role);

await using var app = builder.Build();
app.UsePlatform();

// Always: liveness, readiness.
app.MapHealth();

// Nodes that answer HTTP: the API, one line a noun, and its description.
if (options.Role != Role.Worker)
{
    var api = app.MapApi();
    api.MapBulkJobs();
    api.MapImports();
    api.MapRecords();
    api.MapTags();
    api.MapTokens();
    app.MapUploads();
    app.MapOpenApi();
}

await app.RunAsync();
