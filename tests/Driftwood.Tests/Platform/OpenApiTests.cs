using System.Net;
using System.Text.Json;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Platform;

public sealed class OpenApiTests(PostgresServer server) : AppPerTest(server)
{
    private JsonElement _document;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var answer = await App.CreateClient().AskAsync(new HttpRequestMessage(HttpMethod.Get, "/swagger/v1/swagger.json"));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        _document = answer.Body;
    }

    [Fact]
    public void The_document_holds_exactly_the_routes_that_are_mapped()
    {
        var described = _document.GetProperty("paths").EnumerateObject().Select(path => path.Name);
        var mapped = Routes().Select(route => "/api/" + route.Rpc.Name)
            .Concat(Links().Select(link => "/api/" + link.Path))
            .Concat(ServiceRoutes().Select(route => route.Path).Distinct());
        Assert.Equal(mapped.Append("/uploads/{jobId}").Append("/api/imports-run").Order(), described.Order());
    }

    [Fact]
    public void Every_route_of_another_service_has_texts_and_examples_under_the_tag_of_the_service()
    {
        Assert.All(ServiceRoutes(), route =>
        {
            var operation = _document.GetProperty("paths").GetProperty(route.Path).GetProperty(route.Service.Method.ToLowerInvariant());
            Assert.False(string.IsNullOrWhiteSpace(operation.GetProperty("summary").GetString()));
            Assert.Contains(operation.GetProperty("tags")[0].GetString(), new[] { "Fulcrum", "Knock", "Zendesk" });
            Assert.Equal(route.Service.Handler.RequestType is not null, operation.TryGetProperty("requestBody", out var body));
            if (body.ValueKind == JsonValueKind.Object) Assert.True(Media(body).TryGetProperty("examples", out _));
            var responses = operation.GetProperty("responses").EnumerateObject().ToList();
            Assert.All(responses, response => Assert.True(Media(response.Value).TryGetProperty("examples", out _), response.Name));
            Assert.Superset(new HashSet<string> { "401", "403", "404", "503" }, responses.Select(r => r.Name).ToHashSet());
        });
    }

    [Fact]
    public void Every_route_has_a_summary_a_tag_and_an_example_of_its_request_and_every_answer()
    {
        Assert.All(Routes(), route =>
        {
            var operation = Operation(route.Rpc.Name);
            Assert.False(string.IsNullOrWhiteSpace(operation.GetProperty("summary").GetString()));
            Assert.NotEmpty(operation.GetProperty("tags").EnumerateArray());
            Assert.Equal(route.Rpc.Handler.RequestType is not null, operation.TryGetProperty("requestBody", out var request));
            if (request.ValueKind == JsonValueKind.Object) Assert.True(Media(request).TryGetProperty("examples", out _));
            var responses = operation.GetProperty("responses").EnumerateObject().ToList();
            Assert.All(responses, response => Assert.True(Media(response.Value).TryGetProperty("examples", out _), response.Name));
            Assert.Superset(
                new HashSet<string> { "200", "400", "401", "403", "404", "422", "503" }, responses.Select(r => r.Name).ToHashSet());
        });
    }

    [Fact]
    public void Every_link_has_the_texts_examples_and_answers_of_its_route_and_says_what_stands_in_its_path()
    {
        Assert.NotEmpty(Links());
        Assert.All(Links(), link =>
        {
            var operation = _document.GetProperty("paths").GetProperty("/api/" + link.Path).GetProperty("get");
            var rpc = Operation(link.Rpc.Name);
            Assert.Equal(rpc.GetProperty("summary").GetString(), operation.GetProperty("summary").GetString());
            Assert.Equal(rpc.GetProperty("tags").GetRawText(), operation.GetProperty("tags").GetRawText());
            Assert.False(operation.TryGetProperty("requestBody", out _));
            var parameters = operation.GetProperty("parameters").EnumerateArray().ToList();
            Assert.Equal(
                link.Rpc.Request.Members.Keys.Order(), parameters.Select(parameter => parameter.GetProperty("name").GetString()!).Order());
            Assert.All(parameters, parameter => Assert.False(string.IsNullOrWhiteSpace(parameter.GetProperty("description").GetString())));
            var (asked, linked) = (rpc.GetProperty("responses"), operation.GetProperty("responses"));
            Assert.Equal(asked.GetProperty("200").GetRawText(), linked.GetProperty("200").GetRawText());
            Assert.Equal(
                ["200", "401", "403", "404", "422", "429", "503"], linked.EnumerateObject().Select(response => response.Name).Order());
        });
    }

    [Fact]
    public async Task Every_request_example_is_accepted()
    {
        var http = new DefaultHttpContext { RequestServices = App.Services };
        http.Features.Set(new Caller(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Scopes.All));
        foreach (var route in Routes().Where(route => route.Rpc.Handler.RequestType is not null))
        {
            foreach (var example in Media(Operation(route.Rpc.Name).GetProperty("requestBody")).GetProperty("examples").EnumerateObject())
            {
                var body = JsonSerializer.SerializeToUtf8Bytes(example.Value.GetProperty("value"));
                var call = RequestReader.Read(body, route.Rpc.Request);
                var problems = await ValidationFilter.FindProblemsAsync(http, call, CancellationToken);
                Assert.True(problems.Count == 0, $"{route.Rpc.Name}, {example.Name}: {string.Join("; ", problems)}");
            }
        }
    }

    [Fact]
    public void Every_answer_example_is_one_the_route_could_give()
    {
        // The code writes records field by field and never reads them back. RecordOpenApiTests compares their examples with answers.
        var routes = Routes()
            .Where(route => !route.Rpc.Handler.WritesItsAnswer && route.Endpoint.Metadata.GetMetadata<RecordRoute>() is null
            && route.Rpc.Name != "bulk-jobs-count");
        Assert.All(routes, route =>
        {
            var example = Example(Operation(route.Rpc.Name).GetProperty("responses").GetProperty("200"));
            Assert.True(example.GetProperty("ok").GetBoolean());
            var written = example.GetProperty("result");
            var read = written.Deserialize(route.Rpc.Handler.ResultType, WireJson.Options);
            Assert.Equal(
                JsonSerializer.Serialize(written, WireJson.Options),
                JsonSerializer.Serialize(read, route.Rpc.Handler.ResultType, WireJson.Options));
        });
    }

    [Fact]
    public void Every_route_authenticates()
    {
        Assert.NotEmpty(Routes());
        Assert.All(Routes(), route => Assert.NotNull(route.Endpoint.Metadata.GetMetadata<RequiredScope>()));
        var bearer = _document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal("bearer", bearer.GetProperty("scheme").GetString());
        Assert.True(_document.GetProperty("security")[0].TryGetProperty("bearer", out _));
    }

    [Fact]
    public void Schemas_say_what_is_required_and_what_may_be_null()
    {
        var schemas = _document.GetProperty("components").GetProperty("schemas");
        var request = schemas.GetProperty("TokensCreateRequest");
        Assert.Equal("""["name"]""", JsonSerializer.Serialize(request.GetProperty("required")));
        Assert.False(request.GetProperty("additionalProperties").GetBoolean());
        var properties = request.GetProperty("properties");
        Assert.False(IsNullable(properties.GetProperty("name")));
        Assert.True(IsNullable(properties.GetProperty("scopes")));
        Assert.True(IsNullable(properties.GetProperty("expires_at")));
        var view = schemas.GetProperty("TokenView");
        Assert.Equal(
            ["created_at", "expires_at", "id", "last_used_at", "name", "revoked_at", "scopes", "user_id"],
            view.GetProperty("required").EnumerateArray().Select(name => name.GetString()!).Order());
        Assert.True(IsNullable(view.GetProperty("properties").GetProperty("revoked_at")));
        Assert.False(IsNullable(view.GetProperty("properties").GetProperty("created_at")));
        Assert.False(IsNullable(view.GetProperty("properties").GetProperty("scopes")));
        Assert.Equal(
            """["field","code","message"]""",
            JsonSerializer.Serialize(schemas.GetProperty("ErrorDetail").GetProperty("required")));
    }

    [Fact]
    public void Every_property_has_a_description()
    {
        var schemas = _document.GetProperty("components").GetProperty("schemas").EnumerateObject();

        // A reference has its description in the schema that it names.
        var without = from schema in schemas
                      where schema.Value.TryGetProperty("properties", out _)
                      from property in schema.Value.GetProperty("properties").EnumerateObject()
                      where !property.Value.TryGetProperty("$ref", out _) && !property.Value.TryGetProperty("description", out _)
                      select $"{schema.Name}.{property.Name}";

        Assert.Empty(without);
    }

    [Fact]
    public void Success_and_failure_are_told_apart_by_ok_and_a_result_is_never_null()
    {
        var schemas = _document.GetProperty("components").GetProperty("schemas");
        var success = schemas.GetProperty("TokenViewEnvelopeSuccessBody").GetProperty("properties");
        Assert.Equal("[true]", JsonSerializer.Serialize(success.GetProperty("ok").GetProperty("enum")));
        Assert.Equal("#/components/schemas/TokenView", success.GetProperty("result").GetProperty("$ref").GetString());
        var failure = schemas.GetProperty("EnvelopeFailureBody").GetProperty("properties");
        Assert.Equal("[false]", JsonSerializer.Serialize(failure.GetProperty("ok").GetProperty("enum")));
    }

    [Fact]
    public void Whatever_may_be_null_has_a_type_beside_it()
    {
        var schemas = _document.GetProperty("components").GetProperty("schemas").EnumerateObject()
            .SelectMany(schema => schema.Value.TryGetProperty("properties", out var members) ? members.EnumerateObject() : default)
            .ToList();
        Assert.All(schemas, member => Assert.True(!IsNullable(member.Value) || member.Value.TryGetProperty("type", out _), member.Name));
        Assert.NotEmpty(schemas);
    }

    [Fact]
    public void Every_answer_names_its_headers()
    {
        Assert.All(Routes(), route =>
        {
            var responses = Operation(route.Rpc.Name).GetProperty("responses");
            Assert.True(responses.GetProperty("429").GetProperty("headers").TryGetProperty("Retry-After", out _));
            Assert.True(responses.GetProperty("200").GetProperty("headers").TryGetProperty("RateLimit-Remaining", out _));
        });
    }

    [Fact]
    public async Task The_root_leads_to_the_pages()
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = App.CreateClient().BaseAddress };
        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), CancellationToken);
        Assert.Equal((HttpStatusCode.Redirect, "swagger"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task The_pages_are_at_swagger()
    {
        var answer = await App.CreateClient().AskAsync(new HttpRequestMessage(HttpMethod.Get, "/swagger"));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("text/html", answer.ContentHeaders.ContentType!.MediaType);
    }

    private static bool IsNullable(JsonElement schema) => schema.TryGetProperty("nullable", out var value) && value.GetBoolean();

    // A file in several formats has an example of the one that is text, which is the first.
    private static JsonElement Media(JsonElement holder) => holder.GetProperty("content").EnumerateObject().First().Value;

    private static JsonElement Example(JsonElement holder) =>
        Media(holder).GetProperty("examples").GetProperty("example").GetProperty("value");

    private JsonElement Operation(string route) =>
        _document.GetProperty("paths").GetProperty($"/api/{route}").GetProperty("post");

    private List<(ServiceRoute Service, string Path)> ServiceRoutes() =>
        [.. App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ServiceRoute>() is not null
                && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not { ExcludeFromDescription: true })
            .Select(endpoint => (
                endpoint.Metadata.GetRequiredMetadata<ServiceRoute>(), "/" + endpoint.RoutePattern.RawText!.TrimStart('/')))];

    private List<LinkRoute> Links() =>
        [.. App.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<LinkRoute>()).OfType<LinkRoute>()];

    private List<(RpcRoute Rpc, Endpoint Endpoint)> Routes() =>
        [.. App.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Where(endpoint => endpoint.Metadata.GetMetadata<RpcRoute>() is not null)
            .Select(endpoint => (endpoint.Metadata.GetRequiredMetadata<RpcRoute>(), endpoint))];
}
