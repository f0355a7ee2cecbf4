using System.Text.Json;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>A request must name its records in exactly one way, and lists must be neither empty nor too long.</summary>
internal sealed class BulkSelectionRules : AbstractValidator<IBulkSelection>
{
    /// <summary>Maximum ids or external IDs of a job.</summary>
    public const int MaxIds = 100_000;

    private static readonly string[] Members = ["entity_ids", "external_ids", "filter", "query"];

    public BulkSelectionRules()
    {
        RuleFor(r => r.EntityType).RecordTypeKey();
        RuleFor(r => r.EntityIds).Must(ids => ids is null or { Length: >= 1 and <= MaxIds }).WithErrorCode("out_of_range")
            .WithMessage((_, ids) => $"Found {ids!.Length} ids, expected 1 to {MaxIds}.");
        RuleFor(r => r.ExternalIds).Must(ids => ids is null or { Length: >= 1 and <= MaxIds }).WithErrorCode("out_of_range")
            .WithMessage((_, ids) => $"Found {ids!.Length} external IDs, expected 1 to {MaxIds}.");
        RuleFor(r => r.ExternalIds).Custom(RefuseBlank);
        RuleFor(r => r.EntityIds).Custom((_, context) => RequireOne(context));
    }

    private static void RefuseBlank(string[]? ids, ValidationContext<IBulkSelection> context)
    {
        var blank = (ids ?? []).Index().Where(id => id.Item is null || MatchKeys.Of(MatchKeyKind.Exact, id.Item) is null);
        foreach (var (index, _) in blank.Take(ApiException.MaxDetails))
        {
            context.Fail($"external_ids[{index}]", "required", "Blank: a record without an external ID cannot be named by it.");
        }
    }

    private static void RequireOne(ValidationContext<IBulkSelection> context)
    {
        var request = context.InstanceToValidate;
        string[] offered = request is IHasItems ? [.. Members, "items"] : Members;
        // A member of the wrong kind still counts as given.
        if (ValidationFilter.AnyIsWrong(context, offered)) return;
        bool[] isGiven =
        [
            request.EntityIds is not null, request.ExternalIds is not null, IsGiven(request.Filter), request.Query is not null,
            request is IHasItems { Items: not null },
        ];
        string[] given = [.. offered.Where((_, i) => isGiven[i])];
        var needsItems = request is IHasItems { NeedsItems: true }; // then the items are what is missing
        if (given.Length == 0 && !needsItems)
        {
            context.Fail(Members[0], "required", $"Missing: expected one of {string.Join(", ", offered)}.", offered);
        }

        foreach (var member in given.Skip(1))
        {
            context.Fail(member, "conflict", $"Found {string.Join(" and ", given)}, expected one of them.", offered);
        }
    }

    private static bool IsGiven(JsonElement? json) => json is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };
}
