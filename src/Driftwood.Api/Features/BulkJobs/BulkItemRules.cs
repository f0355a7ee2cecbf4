using System.Text.Json;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Operations;
using FluentValidation;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>A request for a bulk job that gives the values of each record.</summary>
internal interface IHasItems
{
    OperationName Operation { get; }

    Dictionary<string, JsonElement>[]? Items { get; }

    /// <summary>The operation works only on items.</summary>
    bool NeedsItems => !BulkOperation.Names.Contains(Operation);
}

/// <summary>The rules for the whole list of items. A fault of one item fails only that item, when it is applied.</summary>
internal sealed class BulkItemRules : AbstractValidator<IHasItems>
{
    /// <summary>Maximum items of a job.</summary>
    public const int MaxItems = 10_000;

    private static readonly string[] Operations = [.. ItemsOperation.Names.Select(WireJson.Word)];

    public BulkItemRules()
    {
        RuleFor(r => r.Items).Must(items => items is null or { Length: >= 1 and <= MaxItems }).WithErrorCode("out_of_range")
            .WithMessage((_, items) => $"Found {items!.Length} items, expected 1 to {MaxItems}.");
        RuleFor(r => r.Items).Custom((_, context) => RequireThatTheyFit(context));
    }

    private static void RequireThatTheyFit(ValidationContext<IHasItems> context)
    {
        if (ValidationFilter.AnyIsWrong(context, "operation")) return;
        var request = context.InstanceToValidate;
        var operation = WireJson.Word(request.Operation);
        if (request is { Items: null, NeedsItems: true })
        {
            context.Fail("items", "required", $"Missing: {operation} expects 1 to {MaxItems} items.");
        }

        if (request.Items is not { Length: > 0 } items) return;
        if (!ItemsOperation.Names.Contains(request.Operation))
        {
            context.Fail("items", "conflict", $"{operation} takes no items, only records.", Operations);
        }

        if (request.Operation == OperationName.Update && !items.Any(item => item.ContainsKey("id") || item.ContainsKey("external_id")))
        {
            var message = "None of the items has an id or an external_id, to say which record is meant.";
            context.Fail("items", "required", message, ["id", "external_id"]);
        }
    }
}
