namespace Driftwood.Api.Features.Records;

/// <summary>What the OpenAPI document says of the verbs.</summary>
internal static class RecordTexts
{
    public const string Create =
        """
        Values are trimmed and checked as those of an imported file. Whole numbers and decimals are JSON numbers, dates are
        strings `yyyy-MM-dd`, tags an array of strings. A value that another record holds where it must be unique is 422
        `duplicate_value`, naming the field.
        """;

    public const string List =
        """
        A record made while the pages are read does not shift them. A page of very large records is shorter than `limit`:
        only a `next_cursor` of null says that there are no more.
        """;

    public const string Update =
        """
        Fields that are left out stay as they are; null or a blank string blanks a field; tags are replaced as a whole.
        The answer is the record as it then stands.
        """;

    public const string Delete = "Contacts of a deleted company or source stay, without it. Deleting twice is 404.";
}
