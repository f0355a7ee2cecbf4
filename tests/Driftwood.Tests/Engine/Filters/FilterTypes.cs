using Driftwood.Engine.Records;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>The types that filters are tried on: two that every account has, and one with a custom field of every kind.</summary>
internal static class FilterTypes
{
    /// <summary>Contacts with custom fields; some of their keys must be quoted in a query, some labels are hard to spell.</summary>
    public static RecordType MadeUp { get; } = RecordTypes.Contacts with
    {
        Fields =
        [
            .. RecordTypes.Contacts.Fields,
            new("status", "Status", FieldKind.Text) { Slot = 1 },
            new("_mood", "Mood of  the Day", FieldKind.Text) { Slot = 2 },
            new("score", "Score", FieldKind.Integer) { Slot = 3 },
            new("like", "Likes", FieldKind.Decimal) { Slot = 4 },
            new("active", "Active", FieldKind.Boolean) { Slot = 5 },
            new("since", "Since", FieldKind.Date) { Slot = 6 },
            new("seen_at", "Seen At", FieldKind.DateTime) { Slot = 7 },
            new("blog", "Blog", FieldKind.Url) { Slot = 8 },
            new("second_email", "Second Email", FieldKind.Email) { Slot = 9 },
            new("second_phone", "Second Phone", FieldKind.Phone) { Slot = 10 },
            new("stage", "Stage", FieldKind.Choice) { Slot = 11, Options = ["New", "In  Progress", "Won't do"] },
            new("interests", "Interests", FieldKind.Tags) { Slot = 12 },
            Unique("member_code", FieldKind.Text, 13, MatchKeyKind.Exact),
            Unique("nick", FieldKind.Text, 14, MatchKeyKind.Name),
            Unique("login", FieldKind.Email, 15, MatchKeyKind.Email),
            Unique("direct_line", FieldKind.Phone, 16, MatchKeyKind.Phone),
            Unique("member_number", FieldKind.Integer, 17, MatchKeyKind.Exact),
            Unique("weight", FieldKind.Decimal, 18, MatchKeyKind.Exact),
            Unique("joined", FieldKind.Date, 19, MatchKeyKind.Exact),
            Unique("signed_at", FieldKind.DateTime, 20, MatchKeyKind.Exact),
            Unique("profile", FieldKind.Url, 21, MatchKeyKind.Exact),
            Unique("badge", FieldKind.Choice, 22, MatchKeyKind.Name) with { Options = ["Gold", "Silver", "O'Brien's"] },
        ],
    };

    public static IReadOnlyList<RecordType> All { get; } = [RecordTypes.Contacts, RecordTypes.Companies, MadeUp];

    private static Field Unique(string key, FieldKind kind, int slot, MatchKeyKind matchKey) =>
        new(key, $"Unique {key}", kind) { Slot = slot, Unique = true, UniqueId = Guid.CreateVersion7(), MatchKey = matchKey };
}
