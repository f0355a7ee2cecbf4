using System.Globalization;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Fields;

internal static class FieldsCreate
{
    /// <summary>Maximum custom fields of a record type.</summary>
    public const int MaxFields = 200;

    internal sealed record Request
    {
        /// <summary>contacts, companies, sources, or the key of one of the account's own record types.</summary>
        public required string RecordType { get; init; }

        /// <summary>
        /// The name in mappings, updates and filters. It never changes. Lower-case letters, digits and _, at most 63 characters.
        /// </summary>
        public required string Key { get; init; }

        /// <summary>The name for people, at most 200 characters. Default: made from the key, such as "Deal Size" for deal_size.</summary>
        public string? Label { get; init; }

        /// <summary>text, integer, decimal, boolean, date, datetime, url, email, phone, choice or tags. It never changes.</summary>
        public required string Kind { get; init; }

        /// <summary>
        /// A new record needs a value, and no change may remove it. Existing records may stay without a value. Default false.
        /// </summary>
        public bool? Required { get; init; }

        /// <summary>No two records share a value. Default false. Not possible for boolean and tags.</summary>
        public bool? Unique { get; init; }

        /// <summary>The values of a choice: 1 to 500 different texts of at most 255 characters. Not for other kinds.</summary>
        public string[]? Options { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.Key).Custom((key, context) =>
            {
                if (FieldRules.KeyFault(key) is { } fault) context.Fail(fault.Path, fault.Code, fault.Message);
            });
            RuleFor(r => r.Label).IsName();
            RuleFor(r => r.Kind).OneOf([.. CustomFields.Kinds.Keys]);
            RuleFor(r => r).Custom(CheckKind);
        }

        private static void CheckKind(Request request, ValidationContext<Request> context)
        {
            if (!CustomFields.Kinds.TryGetValue(request.Kind, out var kind)) return;
            foreach (var fault in FieldRules.KindFaults(kind, request.Unique == true, request.Options, out _))
            {
                context.Fail(fault.Path, fault.Code, fault.Message);
            }
            if (kind == FieldKind.Choice && request.Options is null)
            {
                context.Fail("options", "required", "Missing: expected what the choice may be, an array of strings.");
            }
        }
    }

    public static async Task<FieldView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, RecordTypeCatalog catalog, TimeProvider clock, CancellationToken cancellationToken)
    {
        await db.LockSchemaAsync(caller, request.RecordType, cancellationToken);
        var type = await catalog.RequireAsync(db, caller, request.RecordType, "record_type", cancellationToken);
        FieldRules.RequireNotBuiltIn(type, request.Key);
        if (type.CustomFields.Count() >= MaxFields && type.Find(request.Key) is null)
        {
            throw new ApiException(ErrorCodes.TooManyFields, $"{type.Key} has {MaxFields} custom fields, the most a record type may have.");
        }

        var slot = await db.TakeSlotAsync(caller, type.Key, cancellationToken);
        var field = NewField(request, caller, slot, clock.GetUtcNow());
        db.Fields.Add(field);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException refused) when (ConstraintNames.IsOf(refused.InnerException, "fields_key"))
        {
            throw new ApiException(ErrorCodes.AlreadyExists, $"{type.Key} already has a custom field {request.Key}.");
        }

        return await db.ReadFieldAsync(caller, field.Id, cancellationToken);
    }

    private static CustomField NewField(Request request, Caller caller, int slot, DateTimeOffset now)
    {
        FieldRules.KindFaults(CustomFields.Kinds[request.Kind], request.Unique == true, request.Options, out var options);
        return new CustomField
        {
            AccountId = caller.AccountId,
            Id = Guid.CreateVersion7(now),
            RecordType = request.RecordType,
            Slot = slot,
            Key = request.Key,
            Label = request.Label?.Trim() ?? LabelOf(request.Key),
            Kind = request.Kind,
            Required = request.Required == true,
            IsUnique = request.Unique == true,
            Options = options,
            CreatedAt = now,
            CreatedBy = caller.UserId,
            UpdatedAt = now,
            UpdatedBy = caller.UserId,
        };
    }

    private static string LabelOf(string key)
    {
        var words = key.Split('_', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? key : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(string.Join(' ', words));
    }
}
