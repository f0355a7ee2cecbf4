using System.Reflection;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>
/// A feature's handler and how its parameters are filled: the one named <c>request</c> from the body; HttpContext,
/// <see cref="Caller"/> and CancellationToken from the call; every other from the services.
/// </summary>
internal sealed class RpcHandler
{
    private readonly Delegate _handler;
    private readonly Func<HttpContext, object?, object?>[] _arguments;
    private readonly Func<object?, Task<object?>> _await;

    public RpcHandler(Delegate handler)
    {
        _handler = handler;
        var parameters = handler.Method.GetParameters();
        RequestType = parameters.FirstOrDefault(IsRequest)?.ParameterType;
        _arguments = [.. parameters.Select(SourceOf)];
        (ResultType, _await) = AwaiterOf(handler.Method.ReturnType);
    }

    /// <summary>Null when the handler takes no request; then the body is empty or <c>{}</c>.</summary>
    public Type? RequestType { get; }

    /// <summary>The type of <c>result</c>; an <see cref="IResult"/> when the handler writes the answer itself.</summary>
    public Type ResultType { get; }

    public bool WritesItsAnswer => ResultType.IsAssignableTo(typeof(IResult));

    public Task<object?> InvokeAsync(HttpContext http, object? request)
    {
        var arguments = Array.ConvertAll(_arguments, source => source(http, request));
        return _await(_handler.Method.Invoke(
            _handler.Target, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null));
    }

    private static bool IsRequest(ParameterInfo parameter) => parameter.Name == "request";

    private static Func<HttpContext, object?, object?> SourceOf(ParameterInfo parameter) => parameter.ParameterType switch
    {
        _ when IsRequest(parameter) => (_, request) => request,
        var type when type == typeof(HttpContext) => (http, _) => http,
        var type when type == typeof(CancellationToken) => (http, _) => http.RequestAborted,
        var type when type == typeof(Caller) => (http, _) => Caller.Of(http),
        var type => (http, _) => http.RequestServices.GetRequiredService(type),
    };

    private static (Type Result, Func<object?, Task<object?>> Await) AwaiterOf(Type returned)
    {
        if (returned == typeof(Task))
            return (typeof(object), AwaitNothing);
        if (!returned.IsGenericType || returned.GetGenericTypeDefinition() != typeof(Task<>))
            return (returned, Task.FromResult);
        var result = returned.GetGenericArguments()[0];
        var await = typeof(RpcHandler).GetMethod(nameof(AwaitResult), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(result)
            .CreateDelegate<Func<object?, Task<object?>>>();
        return (result, await);
    }

    private static async Task<object?> AwaitNothing(object? task)
    {
        await (Task)task!;
        return null;
    }

    private static async Task<object?> AwaitResult<T>(object? task) => await (Task<T>)task!;
}
