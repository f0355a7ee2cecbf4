using Driftwood.Api.Commands;
using Driftwood.Api.Features.Tokens;
using Driftwood.Api.Platform;

// The command line: serve, the default, starts a node on its database; so does demo; the others end by themselves.
return await CommandLine.RunAsync(args, Build);

static WebApplication Build(WebApplicationBuilder builder, string connectionString)
{
    builder.AddLogging();
    var options = builder.Services.AddDriftwoodOptions(builder.Configuration);
    builder.Services.AddDatabase(connectionString);

    // What every route shares: envelope, validation, authentication, idempotency, errors, OpenAPI.
    builder.Services.AddPlatform();
    builder.Services.AddOpenApi();

    // The features' own services, one line a noun.

    var app = builder.Build();
    app.UsePlatform();

    // Always: liveness, readiness.
    app.MapHealth();

    // Nodes that answer HTTP: the API, one line a noun, and its description.
    if (options.Role != Role.Worker)
    {
        var api = app.MapApi();
        api.MapTokens();
        app.MapOpenApi();
    }

    return app;
}
