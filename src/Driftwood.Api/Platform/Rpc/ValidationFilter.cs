using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Faults;
using FluentValidation;
using FluentValidation.Internal;
using FluentValidation.Results;
using Npgsql;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>
/// Runs a request's validator and refuses with everything found, together with what did not fit its shape. Rules on a
/// member whose shape was wrong are left out; so are rules on the request as a whole while anything is wrong, so they
/// may rely on every member.
/// </summary>
internal sealed class ValidationFilter : IEndpointFilter
{
    private const string RequestKey = "request";
    private const string ProblemsKey = "problems";
    private const string ConnectionKey = "connection";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var call = RpcCall.Of(http);
        var problems = await FindProblemsAsync(http, call, http.RequestAborted);
        if (problems.Count == 0) return await next(context);
        // A repeated request gets its first answer again, even if it would be refused now, since its record type may be gone.
        return await TransactionFilter.ReplayAsync(http) ?? throw ApiException.Validation(problems);
    }

    /// <param name="http">The call under way.</param>
    /// <param name="call">The request, and what did not fit its shape.</param>
    /// <param name="cancellationToken">Stops the rules.</param>
    /// <param name="connection">The connection of the transaction that the rules run in; null if they run outside one.</param>
    internal static async Task<IReadOnlyList<Fault>> FindProblemsAsync(
        HttpContext http, RpcCall call, CancellationToken cancellationToken, NpgsqlConnection? connection = null)
    {
        var validatorType = typeof(IValidator<>).MakeGenericType(call.Request.GetType());
        if (http.RequestServices.GetService(validatorType) is not IValidator validator)
            return call.Problems;
        var selector = new SoundMembers(call.Problems);
        var context = new ValidationContext<object>(call.Request, new PropertyChain(), selector);
        context.RootContextData[RequestKey] = http;
        context.RootContextData[ProblemsKey] = call.Problems;
        if (connection is not null) context.RootContextData[ConnectionKey] = connection;
        var outcome = await validator.ValidateAsync(context, cancellationToken);
        return [.. call.Problems, .. outcome.Errors.Select(ToDetail)];
    }

    /// <summary>The HTTP request under validation, for rules that need its caller or its services.</summary>
    public static HttpContext HttpOf(IValidationContext context) => (HttpContext)context.RootContextData[RequestKey];

    /// <summary>The connection of the transaction that the rules run in; null if they run outside one.</summary>
    public static NpgsqlConnection? ConnectionOf(IValidationContext context) =>
        context.RootContextData.TryGetValue(ConnectionKey, out var connection) ? (NpgsqlConnection)connection : null;

    /// <summary>Whether the shape of one of these members was wrong, for rules on several members: the request lacks it.</summary>
    public static bool AnyIsWrong(IValidationContext context, params IReadOnlyList<string> members) =>
        ((IReadOnlyList<Fault>)context.RootContextData[ProblemsKey])
            .Any(problem => members.Contains(ShapeReader.TopLevel(problem.Path)));

    /// <summary>A failed rule in the wire's words.</summary>
    internal static Fault ToDetail(ValidationFailure failure)
    {
        var path = failure.PropertyName ?? "";
        var accepted = failure.CustomState as IReadOnlyList<string>;
        if (!failure.ErrorCode.EndsWith("Validator", StringComparison.Ordinal))
            return new Fault(path, failure.ErrorCode, failure.ErrorMessage, accepted);

        // A rule of FluentValidation's own: its message says what was expected, and often what was found.
        var found = failure.AttemptedValue switch
        {
            _ when failure.ErrorMessage.Contains("You entered", StringComparison.Ordinal) => "",
            string text => $" Found {Found.Describe(text)}.",
            IFormattable number => $" Found {number}.",
            _ => "",
        };
        return new Fault(path, CodeOf(failure.ErrorCode), failure.ErrorMessage + found, accepted);
    }

    private static string CodeOf(string rule) => rule switch
    {
        "NotEmptyValidator" or "NotNullValidator" => "required",
        "MaximumLengthValidator" or "LengthValidator" or "ExactLengthValidator" => "too_long",
        "MinimumLengthValidator" => "too_short",
        "EmailValidator" => "invalid_email",
        "InclusiveBetweenValidator" or "ExclusiveBetweenValidator" or "GreaterThanValidator"
            or "GreaterThanOrEqualValidator" or "LessThanValidator" or "LessThanOrEqualValidator" => "out_of_range",
        _ => "invalid_value",
    };

    private sealed class SoundMembers(IReadOnlyList<Fault> problems) : IValidatorSelector
    {
        private readonly HashSet<string> _bad =
            [.. problems.Select(problem => ShapeReader.TopLevel(problem.Path))];

        public bool CanExecute(IValidationRule rule, string propertyPath, IValidationContext context) =>
            _bad.Count == 0
            // Included validators are rules without a member of their own; the rules within are asked for again.
            || rule is IIncludeRule
            || (!string.IsNullOrEmpty(propertyPath) && !_bad.Contains(ShapeReader.TopLevel(propertyPath)));
    }
}
