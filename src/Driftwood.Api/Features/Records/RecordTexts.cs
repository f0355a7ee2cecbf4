namespace Driftwood.Api.Features.Records;

/// <summary>The texts of the verbs in the OpenAPI document.</summary>
internal static class RecordTexts
{
    public const string Create =
        """
        Values are trimmed and checked as those of an imported file. Whole numbers and decimals are JSON numbers, dates are
        strings `yyyy-MM-dd`, tags an array of strings. A value that another record holds where it must be unique is 422
        `duplicate_value`, naming the field.

        """ + Changed;

    public const string List =
        """
        Newest first, or by a field. `filter` is a tree of conditions, `{"and": [{"field": "city", "op": "eq", "value": "Oslo"}, …]}`
        with and, or, not; `query` is the same as text, `city = 'Oslo' AND NOT (tags HAS 'vip')`, with or without
        `SELECT id FROM contacts WHERE` before it. docs/filters.md has the operators of each kind of field and the grammar.
        A query that takes too long is 422 `query_too_slow`: tags, time stamps and the fields records are matched on are found fast.

        A record made while the pages are read does not shift them. A page of very large records is shorter than `limit`:
        only a `next_cursor` of null says that there are no more.
        """;

    public const string Count =
        """
        Exact, or with `estimate` about right and in no time. Selects by `filter` or `query` as the list does.
        """;

    public const string Update =
        """
        Fields that are left out stay as they are; null or a blank string blanks a field; tags are replaced as a whole.
        The answer is the record as it then stands.

        """ + Changed;

    public const string Delete =
        """
        Contacts of a deleted company or source stay, without it. Deleting twice is 404.

        """ + Changed;

    private const string Changed =
        """
        Where the type's fields are changed at the same moment, nothing is written and the answer is 409 `record_type_changed`: send
        the request again.
        """;
}
