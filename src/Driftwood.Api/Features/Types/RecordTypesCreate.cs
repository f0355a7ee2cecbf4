using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Types;

internal static class RecordTypesCreate
{
    /// <summary>Maximum record types of an account, without the built-in ones.</summary>
    public const int MaxTypes = 100;

    public static readonly RecordTypeView Example =
        RecordTypeView.Example with { Fields = [.. RecordTypeView.Example.Fields.Where(field => !field.Custom)] };

    internal sealed record Request
    {
        /// <summary>The type's name in requests. It never changes. Lower-case letters, digits and _, at most 63 characters.</summary>
        public required string Key { get; init; }

        /// <summary>The name for people, at most 200 characters. No other type may have it as its name or key.</summary>
        public required string Name { get; init; }

        /// <summary>No two records share a name, compared without case and white space. Default false.</summary>
        public bool? NameIsUnique { get; init; }

        /// <summary>Driftwood names the records. It never changes. Default false.</summary>
        public bool? NameIsAutonumber { get; init; }

        /// <summary>With name_is_autonumber: text with one run of zeros in braces. Never changes. Default such as TICKETS-{0000}.</summary>
        public string? AutonumberPattern { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.Key).Custom((key, context) =>
            {
                if (RecordTypeRules.KeyFault(key) is { } fault) context.Fail(fault.Path, fault.Code, fault.Message);
            });
            RuleFor(r => r.Name).IsName();
            RuleFor(r => r.AutonumberPattern).Must((request, pattern) => pattern is null || request.NameIsAutonumber == true)
                .WithErrorCode("not_applicable").WithMessage("A pattern goes with name_is_autonumber true; leave it out.");
            RuleFor(r => r.AutonumberPattern).Must(pattern => pattern is null || AutonumberPattern.Parse(pattern) is not null)
                .WithErrorCode("invalid_pattern")
                .WithMessage((_, pattern) =>
                    $"Found {Found.Describe(pattern!)}, expected text with one run of zeros in braces such as TICKET-{{0000}}, at most "
                    + $"{AutonumberPattern.MaxLength} characters.");
        }
    }

    public static async Task<RecordTypeView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, RecordTypeCatalog catalog, TimeProvider clock, CancellationToken cancellationToken)
    {
        await RecordTypeRules.LockNamesAsync(db, caller, cancellationToken);
        await RecordTypeRules.RequireFreeAsync(db, caller, request.Key, request.Name, cancellationToken);
        await RequireRoomAsync(db, caller, request.Key, cancellationToken);
        await db.LockSchemaAsync(caller, request.Key, cancellationToken);
        db.RecordTypes.Add(NewType(request, caller, clock.GetUtcNow()));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException refused) when (ConstraintNames.IsOf(refused.InnerException, "record_types_key"))
        {
            throw new ApiException(ErrorCodes.AlreadyExists, $"There already is a record type {request.Key}.");
        }

        await db.RenewVersionAsync(caller, request.Key, cancellationToken);
        return await db.ReadTypeAsync(catalog, caller, request.Key, cancellationToken);
    }

    private static async Task RequireRoomAsync(DriftwoodDb db, Caller caller, string key, CancellationToken cancellationToken)
    {
        if (await db.OwnTypes(caller).CountAsync(type => type.Key != key, cancellationToken) < MaxTypes) return;
        throw new ApiException(ErrorCodes.TooManyRecordTypes, $"The account has {MaxTypes} record types of its own, the most it may have.");
    }

    private static CustomRecordType NewType(Request request, Caller caller, DateTimeOffset now) => new()
    {
        AccountId = caller.AccountId,
        Id = Guid.CreateVersion7(now),
        Key = request.Key,
        Name = request.Name.Trim(),
        NameIsUnique = request.NameIsUnique == true,
        NameIsAutonumber = request.NameIsAutonumber == true,
        AutonumberPattern = request.NameIsAutonumber == true ? PatternOf(request).Text : null,
        CreatedAt = now,
        CreatedBy = caller.UserId,
        UpdatedAt = now,
        UpdatedBy = caller.UserId,
    };

    private static AutonumberPattern PatternOf(Request request) =>
        AutonumberPattern.Parse(request.AutonumberPattern ?? request.Key.ToUpperInvariant() + "-{0000}")!;
}
