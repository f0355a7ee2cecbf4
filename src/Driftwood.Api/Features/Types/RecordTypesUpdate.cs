using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Types;

internal static class RecordTypesUpdate
{
    public static readonly RecordTypeView Example = RecordTypeView.Example with
    {
        Name = "Support Tickets",
        UpdatedAt = new DateTimeOffset(2025, 6, 17, 9, 15, 0, TimeSpan.Zero),
    };

    internal sealed record Request
    {
        public required string Key { get; init; }

        /// <summary>The name for people, at most 200 characters. No other type may have it as its name or key.</summary>
        public string? Name { get; init; }

        /// <summary>No two records share a name. The answer is 409 duplicate_values if some do.</summary>
        public bool? NameIsUnique { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.Name).IsName();
    }

    public static async Task<RecordTypeView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, RecordTypeCatalog catalog, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (request.Name is not null) await RecordTypeRules.LockNamesAsync(db, caller, cancellationToken);
        var row = await db.LockTypeAsync(caller, request.Key, cancellationToken);
        if (request.Name is not null) await RecordTypeRules.RequireFreeAsync(db, caller, row.Key, request.Name, cancellationToken);
        if (request.NameIsUnique is { } unique && unique != row.NameIsUnique)
        {
            await SwitchUniqueAsync(row, unique, caller, db, catalog, cancellationToken);
        }
        row.Name = request.Name?.Trim() ?? row.Name;
        row.NameIsUnique = request.NameIsUnique ?? row.NameIsUnique;
        row.UpdatedAt = clock.GetUtcNow();
        row.UpdatedBy = caller.UserId;
        await db.SaveChangesAsync(cancellationToken);
        await db.RenewVersionAsync(caller, row.Key, cancellationToken);
        return await db.ReadTypeAsync(catalog, caller, row.Key, cancellationToken);
    }

    private static async Task SwitchUniqueAsync(
        CustomRecordType row, bool unique, Caller caller, DriftwoodDb db, RecordTypeCatalog catalog, CancellationToken cancellationToken)
    {
        if (!unique)
        {
            await Uniqueness.EndAsync(db, caller, row.Id, cancellationToken);
            return;
        }

        var type = await catalog.RequireAsync(db, caller, row.Key, "key", cancellationToken);
        var name = type.Find("name")! with { Unique = true, UniqueId = row.Id };
        await Uniqueness.BeginAsync(db, caller, type, name, "name_is_unique", cancellationToken);
    }
}
