using System.Text.Json;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using FluentValidation;

namespace Driftwood.Api.Features.RecycleBin;

/// <summary>A request that names deleted records in one of three ways.</summary>
internal interface IRestoreSelection
{
    Guid[]? Ids { get; }

    JsonElement? Filter { get; }

    Guid? Job { get; }

    long? ExpectedCount { get; }
}

/// <summary>A request must name its records in exactly one way.</summary>
internal sealed class RestoreRules : AbstractValidator<IRestoreSelection>
{
    // The request looks each of them up in the change log.
    private const int MaxIds = 10_000;

    private static readonly string[] Members = ["ids", "filter", "job"];

    public RestoreRules()
    {
        RuleFor(request => request.Ids!).AreUpTo(MaxIds);
        RuleFor(request => request.ExpectedCount).GreaterThanOrEqualTo(0);
        RuleFor(request => request.Ids).Custom((_, context) => RequireOne(context));
    }

    private static void RequireOne(ValidationContext<IRestoreSelection> context)
    {
        // A member of the wrong kind still counts as given.
        if (ValidationFilter.AnyIsWrong(context, Members)) return;
        var request = context.InstanceToValidate;
        bool[] isGiven =
        [
            request.Ids is not null, request.Filter is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) },
            request.Job is not null,
        ];
        string[] given = [.. Members.Where((_, i) => isGiven[i])];
        if (given.Length == 0) context.Fail(Members[0], "required", "Missing: expected one of ids, filter, job.", Members);
        foreach (var member in given.Skip(1))
            context.Fail(member, "conflict", $"Found {string.Join(" and ", given)}, expected one of them.", Members);
    }
}
