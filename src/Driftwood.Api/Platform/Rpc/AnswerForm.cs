using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Services;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>Endpoint metadata: how what a handler returned becomes an answer that can be kept and sent again.</summary>
internal abstract class AnswerForm
{
    /// <summary>The form of the endpoint's route.</summary>
    public static AnswerForm Of(HttpContext http) => http.GetEndpoint()!.Metadata.GetRequiredMetadata<AnswerForm>();

    /// <summary>The answer, and its body to be kept.</summary>
    public abstract Task<(IResult Answer, byte[] Body)> MakeAsync(object? result);

    /// <summary>The same answer once more.</summary>
    public IResult Repeat(byte[] body) => new Repeated(Restore(body));

    /// <summary>The id of what was made or changed, from what a handler returned; null where there is none.</summary>
    public abstract string? SubjectOf(object? result);

    protected abstract IResult Restore(byte[] body);

    private sealed class Repeated(IResult first) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[Idempotency.ReplayedHeader] = "true";
            return first.ExecuteAsync(httpContext);
        }
    }
}

/// <summary>The envelope of the routes under /api.</summary>
internal sealed class EnvelopeForm : AnswerForm
{
    public static readonly EnvelopeForm Instance = new();

    private static readonly string[] SubjectNames = ["Id", "JobId", "Key"];

    private static readonly ConcurrentDictionary<Type, PropertyInfo?> Subjects = new();

    public override async Task<(IResult Answer, byte[] Body)> MakeAsync(object? result)
    {
        var answer = await Envelope.SuccessAsync(result);
        return (answer, answer.ToArray());
    }

    public override string? SubjectOf(object? result) =>
        result is null ? null : Subjects.GetOrAdd(result.GetType(), PropertyOf)?.GetValue(result)?.ToString();

    protected override IResult Restore(byte[] body) => new Envelope.Result(body);

    // The member that names the whole: an id, or else the key of a record type.
    private static PropertyInfo? PropertyOf(Type result) =>
        SubjectNames.Select(result.GetProperty).FirstOrDefault(property => property is not null);
}

/// <summary>The answers of a route that serves another service's clients.</summary>
/// <param name="status">The HTTP status of success.</param>
internal sealed class ServiceForm(int status) : AnswerForm
{
    public int Status => status;

    public override Task<(IResult Answer, byte[] Body)> MakeAsync(object? result)
    {
        var answer = new ServiceAnswer(status, (JsonNode)result!);
        return Task.FromResult<(IResult, byte[])>((answer, answer.Body));
    }

    public override string? SubjectOf(object? result)
    {
        // The job's id stands in the answer, or in the only object there. The ids of other services' records are no ids of ours.
        if (result is not JsonObject answer) return null;
        var holder = answer.ContainsKey("id") ? answer : answer.Select(member => member.Value).OfType<JsonObject>().FirstOrDefault();
        return holder?["id"] is JsonValue value && Guid.TryParse(value.ToString(), out var id) ? id.ToString() : null;
    }

    protected override IResult Restore(byte[] body) => new ServiceAnswer(status, body);
}
