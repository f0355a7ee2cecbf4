using FluentValidation;
using FluentValidation.Results;

namespace Driftwood.Api.Platform.Requests;

/// <summary>Rules that features share, in the wire's words.</summary>
internal static class Rules
{
    private const int MaxNameLength = 200;

    /// <summary>A name for people: 1 to 200 characters, white space around them not counted; null passes.</summary>
    public static IRuleBuilderOptions<T, string?> IsName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(name => name is null || name.Trim().Length is >= 1 and <= MaxNameLength)
            .WithErrorCode("out_of_range")
            .WithMessage((_, name) => $"Found {name!.Trim().Length} characters, expected 1 to {MaxNameLength}.");

    /// <summary>The value is one of <paramref name="accepted"/>; null passes.</summary>
    public static IRuleBuilderOptions<T, string?> OneOf<T>(
        this IRuleBuilder<T, string?> rule, params IReadOnlyList<string> accepted) =>
        rule.Must(value => value is null || accepted.Contains(value))
            .WithErrorCode("invalid_choice")
            .WithMessage((_, value) => $"Found {Found.Describe(value!)}, expected one of {string.Join(", ", accepted)}.")
            .WithState(_ => accepted);

    /// <summary>The same for a member that takes only some values of its enum.</summary>
    public static IRuleBuilderOptions<T, TEnum?> OneOf<T, TEnum>(this IRuleBuilder<T, TEnum?> rule, IReadOnlyList<TEnum> accepted)
        where TEnum : struct, Enum
    {
        string[] words = [.. accepted.Select(WireJson.Word)];
        return rule.Must(value => value is null || accepted.Contains(value.Value))
            .WithErrorCode("invalid_choice")
            .WithMessage((_, value) => $"Found {Found.Describe(WireJson.Word(value!.Value))}, expected one of {string.Join(", ", words)}.")
            .WithState(_ => words);
    }

    /// <summary>Adds a failure of a <c>Custom</c> rule, with its code, message and, where there is one, accepted list.</summary>
    /// <param name="field">The wire's path, such as <c>params.add[0]</c>; null for the request as a whole.</param>
    public static void Fail<T>(
        this ValidationContext<T> context,
        string? field,
        string code,
        string message,
        IReadOnlyList<string>? accepted = null) =>
        context.AddFailure(new ValidationFailure(field ?? "", message) { ErrorCode = code, CustomState = accepted });
}
