using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>
/// The types for filter tests: two that every account has, one built-in type with custom fields, and one custom type. The last
/// two have a custom field of every kind, unique and not.
/// </summary>
internal static class FilterTypes
{
    /// <summary>Contacts with custom fields. A query must quote some of their keys, and some labels are hard to spell.</summary>
    public static RecordType MadeUp { get; } = RecordTypes.Extend(RecordTypes.Contacts, CustomFieldsOfEveryKind(), 0);

    /// <summary>A custom type. Its records share a table with those of <see cref="Sibling"/>.</summary>
    public static RecordType Projects { get; } = Custom("projects", "Projects");

    /// <summary>
    /// Like <see cref="Projects"/> except for key, label and ids. The tests use no filter on it. No filter may find its records.
    /// </summary>
    public static RecordType Sibling { get; } = Custom("siblings", "Siblings");

    public static IReadOnlyList<RecordType> All { get; } = [RecordTypes.Contacts, RecordTypes.Companies, MadeUp, Projects];

    private static RecordType Custom(string key, string label) =>
        RecordTypes.Extend(RecordTypes.Custom(Guid.CreateVersion7(), key, label, nameIsUnique: true, null), CustomFieldsOfEveryKind(), 0);

    private static Field[] CustomFieldsOfEveryKind() =>
    [
        Make(1, "status", "Status", FieldKind.Text),
        Make(2, "_mood", "Mood of  the Day", FieldKind.Text),
        Make(3, "score", "Score", FieldKind.Integer),
        Make(4, "like", "Likes", FieldKind.Decimal),
        Make(5, "active", "Active", FieldKind.Boolean),
        Make(6, "since", "Since", FieldKind.Date),
        Make(7, "seen_at", "Seen At", FieldKind.DateTime),
        Make(8, "blog", "Blog", FieldKind.Url),
        Make(9, "second_email", "Second Email", FieldKind.Email),
        Make(10, "second_phone", "Second Phone", FieldKind.Phone),
        Make(11, "stage", "Stage", FieldKind.Choice, options: ["New", "In  Progress", "Won't do"]),
        Make(12, "interests", "Interests", FieldKind.Tags),
        Unique(13, "member_code", FieldKind.Text),
        Unique(14, "login", FieldKind.Email),
        Unique(15, "direct_line", FieldKind.Phone),
        Unique(16, "member_number", FieldKind.Integer),
        Unique(17, "weight", FieldKind.Decimal),
        Unique(18, "joined", FieldKind.Date),
        Unique(19, "signed_at", FieldKind.DateTime),
        Unique(20, "profile", FieldKind.Url),
        Unique(21, "badge", FieldKind.Choice, "Gold", "Silver", "O'Brien's"),
    ];

    private static Field Unique(int slot, string key, FieldKind kind, params string[] options) =>
        Make(slot, key, $"Unique {key}", kind, unique: true, options);

    private static Field Make(int slot, string key, string label, FieldKind kind, bool unique = false, params string[] options) =>
        CustomFields.Make(Guid.CreateVersion7(), slot, key, label, kind, required: false, unique, options);
}
