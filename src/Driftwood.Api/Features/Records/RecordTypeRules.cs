using Driftwood.Api.Platform;
using Driftwood.Engine.Records;
using FluentValidation;

namespace Driftwood.Api.Features.Records;

/// <summary>A request that says itself what type of record it is about.</summary>
internal interface IOfRecordType
{
    string RecordType { get; }
}

/// <summary>The request of a type's own routes that are about one record.</summary>
internal sealed record RecordIdRequest
{
    public required Guid Id { get; init; }
}

internal sealed class RecordTypeRules : AbstractValidator<IOfRecordType>
{
    private static readonly string[] Keys = [.. RecordTypes.BuiltIn.Select(type => type.Key)];

    public RecordTypeRules() => RuleFor(request => request.RecordType).OneOf(Keys);
}

internal static class RecordTypeOfRequest
{
    /// <summary>The type that a request which passed <see cref="RecordTypeRules"/> is about.</summary>
    public static RecordType OfType(this IOfRecordType request) => RecordTypes.Find(request.RecordType)!;
}
