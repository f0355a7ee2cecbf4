using System.Text.Json;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>A request for a bulk job that says of each record what is to become of it.</summary>
internal interface IHasItems
{
    string Operation { get; }

    Dictionary<string, JsonElement>[]? Items { get; }

    /// <summary>The operation is one on items alone.</summary>
    bool NeedsItems => ItemsOperation.Names.Contains(Operation) && !BulkOperation.Names.Contains(Operation);
}

/// <summary>What can be told of items as a whole; what is wrong with one of them fails that one alone, once it is its turn.</summary>
internal sealed class BulkItemRules : AbstractValidator<IHasItems>
{
    /// <summary>Items of one job.</summary>
    public const int MaxItems = 10_000;

    public BulkItemRules()
    {
        RuleFor(r => r.Operation).OneOf([.. BulkOperation.Names.Union(ItemsOperation.Names)]);
        RuleFor(r => r.Items).Must(items => items is null or { Length: >= 1 and <= MaxItems }).WithErrorCode("out_of_range")
            .WithMessage((_, items) => $"Found {items!.Length} items, expected 1 to {MaxItems}.");
        RuleFor(r => r.Items).Custom((_, context) => RequireThatTheyFit(context));
    }

    private static void RequireThatTheyFit(ValidationContext<IHasItems> context)
    {
        var request = context.InstanceToValidate;
        if (request is { Items: null, NeedsItems: true })
        {
            context.Fail("items", "required", $"Missing: {request.Operation} expects 1 to {MaxItems} items.");
        }

        if (request.Items is not { Length: > 0 } items) return;
        if (BulkOperation.Names.Except(ItemsOperation.Names).Contains(request.Operation))
        {
            context.Fail("items", "conflict", $"{request.Operation} takes no items, only records.", ItemsOperation.Names);
        }

        if (request.Operation == "update" && !items.Any(item => item.ContainsKey("id") || item.ContainsKey("external_id")))
        {
            context.Fail("items", "required", "None of the items has an id or an external_id, to say which record is meant.", ["id", "external_id"]);
        }
    }
}

/// <summary>The items of a request, as they become a job's.</summary>
internal static class BulkJobItems
{
    /// <summary>How many there are.</summary>
    /// <exception cref="ApiException">409: not as many as the caller expects.</exception>
    public static long Require(long? expected, Dictionary<string, JsonElement>[] items)
    {
        BulkJobRules.RequireCount(expected, items.Length);
        return items.Length;
    }

    /// <summary>The parameters with their defaults filled in.</summary>
    /// <exception cref="ApiException">422.</exception>
    public static JsonElement ReadParams(RecordType type, string operation, JsonElement? parameters)
    {
        var read = ItemsOperation.Read(type, operation, parameters ?? default, out var faults);
        return read is not null
            ? JsonElement.Parse(read.Params)
            : throw ApiException.Validation(faults);
    }
}
