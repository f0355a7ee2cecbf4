namespace Driftwood.Engine.Filters;

/// <summary>What is wrong with a filter in JSON.</summary>
/// <param name="Path">The member, such as <c>filter.and[0].value</c>.</param>
/// <param name="Code">
/// <c>wrong_type</c>, <c>required</c>, <c>unknown_member</c>, <c>duplicate_member</c>, <c>unknown_field</c>, <c>invalid_operator</c>,
/// <c>blank_value</c>, <c>invalid_pattern</c>, <c>too_deep</c>, <c>too_many_conditions</c>, <c>too_many_values</c>, or a code of the
/// field's kind such as <c>invalid_date</c>.
/// </param>
/// <param name="Message">What was found and what was expected.</param>
/// <param name="Accepted">What would be accepted, where that is a list.</param>
public sealed record FilterFault(string Path, string Code, string Message, IReadOnlyList<string>? Accepted = null);
