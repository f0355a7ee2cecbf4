using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Fields;

internal static class FieldsUpdate
{
    public static readonly FieldView Example = FieldView.Example with
    {
        Required = true,
        Options = ["Gold", "Silver", "Bronze", "None"],
        UpdatedAt = new DateTimeOffset(2025, 6, 17, 9, 15, 0, TimeSpan.Zero),
    };

    internal sealed record Request
    {
        public required Guid Id { get; init; }

        /// <summary>The name for people, at most 200 characters.</summary>
        public string? Label { get; init; }

        /// <summary>A new record needs a value, and no change may remove it. Existing records may stay without a value.</summary>
        public bool? Required { get; init; }

        /// <summary>No two records share a value. The answer is 409 duplicate_values if some do.</summary>
        public bool? Unique { get; init; }

        /// <summary>The new values of a choice. Values that records already have stay.</summary>
        public string[]? Options { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.Label).IsName();
    }

    public static async Task<FieldView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, RecordTypeCatalog catalog, TimeProvider clock, CancellationToken cancellationToken)
    {
        var field = await db.LockFieldAsync(caller, request.Id, cancellationToken);
        var faults = FieldRules.KindFaults(CustomFields.Kinds[field.Kind], request.Unique == true, request.Options, out var options);
        if (faults.Count > 0) throw ApiException.Validation(faults);
        if (request.Unique is { } unique && unique != field.IsUnique)
        {
            await SwitchUniqueAsync(field, unique, caller, db, catalog, cancellationToken);
        }
        field.Label = request.Label?.Trim() ?? field.Label;
        field.Required = request.Required ?? field.Required;
        field.IsUnique = request.Unique ?? field.IsUnique;
        if (request.Options is not null) field.Options = options;
        field.UpdatedAt = clock.GetUtcNow();
        field.UpdatedBy = caller.UserId;
        await db.SaveChangesAsync(cancellationToken);
        await db.RenewVersionAsync(caller, field.RecordType, cancellationToken);
        return await db.ReadFieldAsync(caller, field.Id, cancellationToken);
    }

    private static async Task SwitchUniqueAsync(
        CustomField field, bool unique, Caller caller, DriftwoodDb db, RecordTypeCatalog catalog, CancellationToken cancellationToken)
    {
        if (!unique)
        {
            await Uniqueness.EndAsync(db, caller, field.Id, cancellationToken);
            return;
        }

        var type = await catalog.RequireAsync(db, caller, field.RecordType, "record_type", cancellationToken);
        var made = CustomFields.Make(
            field.Id, field.Slot, field.Key, field.Label, CustomFields.Kinds[field.Kind], field.Required, unique: true, field.Options);
        await Uniqueness.BeginAsync(db, caller, type, made, "unique", cancellationToken);
    }
}
