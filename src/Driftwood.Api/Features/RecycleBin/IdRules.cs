using System.Globalization;
using FluentValidation;

namespace Driftwood.Api.Features.RecycleBin;

/// <summary>The rule for the number of records that a request names.</summary>
internal static class IdRules
{
    public static void AreUpTo<T>(this IRuleBuilder<T, Guid[]> ids, int max) => ids
        .Must(each => each is null || (each.Length >= 1 && each.Length <= max))
        .WithErrorCode("out_of_range")
        .WithMessage((_, each) => string.Create(CultureInfo.InvariantCulture, $"Found {each.Length} ids, expected 1 to {max}."));
}
