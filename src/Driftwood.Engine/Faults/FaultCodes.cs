namespace Driftwood.Engine.Faults;

/// <summary>The codes with which the engine refuses values, members, filters, rows and files: the source of docs/errors.md.</summary>
public static class FaultCodes
{
    /// <summary>Each code of a <see cref="Fault"/> with one sentence for people.</summary>
    public static IReadOnlyDictionary<string, string> Meanings { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["ambiguous_match"] = "Several records have the value that the row or item is matched on.",
        ["blank_value"] = "A filter compares with a value of which nothing is left to compare.",
        ["broken_json"] = "The line is not valid JSON.",
        ["company_ambiguous"] = "Several companies have the name in the row; the contact is not linked.",
        ["company_not_creatable"] = "The row lacks what a new company needs; the contact is not linked.",
        ["company_not_found"] = "No company has the domain or name in the row; the contact is not linked.",
        ["conflict"] = "Two members of the request exclude each other.",
        ["date_without_year"] = "A date has no year; the row is kept, and the field is blank.",
        ["duplicate_field"] = "The same field is given twice.",
        ["duplicate_member"] = "An object has the same member twice.",
        ["duplicate_value"] = "Another record has the value, which must be unique.",
        ["erased"] = "What the record held was erased, so it cannot come back.",
        ["invalid_boolean"] = "The value is neither yes nor no.",
        ["invalid_characters"] = "The text holds a NUL, or bytes that are not text in the expected encoding.",
        ["invalid_choice"] = "The value is not one of those that are accepted.",
        ["invalid_date"] = "The value is not a date, or not a date and time, in the expected format.",
        ["invalid_decimal"] = "The value is not a number of at most 28 digits.",
        ["invalid_email"] = "The value is not an e-mail address.",
        ["invalid_integer"] = "The value is not a whole number of 64 bits.",
        ["invalid_operator"] = "The field's kind does not have the filter operator.",
        ["invalid_pattern"] = "The pattern ends in a single backslash.",
        ["invalid_phone"] = "The value is not a phone number.",
        ["invalid_query"] = "The text of the query cannot be read.",
        ["invalid_url"] = "The value is not a web address, or not a domain.",
        ["invalid_uuid"] = "The value is not a uuid.",
        ["multiple_values"] = "A cell has several values; the row is kept with the first.",
        ["not_found"] = "No record of the account has the id or value.",
        ["out_of_range"] = "The number of values is too small or too large.",
        ["not_unique"] = "Several records would have the same value of a unique field.",
        ["read_only"] = "Driftwood sets the field; leave it out.",
        ["record_too_large"] = "The row is larger than the largest that is read.",
        ["rejected_by_database"] = "The database refuses the row or takes too long for it.",
        ["required"] = "A value is missing or blank.",
        ["row_not_kept"] = "Only the beginning of the row is kept, so it can be tried again only with all its cells given.",
        ["shortened_number"] = "A spreadsheet has shortened the number, so that rows cannot be matched on it.",
        ["too_deep"] = "Conditions, or objects and lists, are nested too deep.",
        ["too_long"] = "The text or a name is too long, or the record has too many tags.",
        ["too_many_conditions"] = "The filter has too many conditions.",
        ["too_many_values"] = "The filter compares with too many values.",
        ["unclosed_quote"] = "A quote opens in the row and is never closed.",
        ["unknown_field"] = "The record type has no field of that key.",
        ["unknown_member"] = "The object has no member of that name.",
        ["wrong_column_count"] = "The row has more cells than the header, or only one, or fewer where `ragged_rows` is `fail`.",
        ["wrong_type"] = "The JSON value has the wrong type.",
    };
}
