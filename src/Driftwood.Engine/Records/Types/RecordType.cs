using Driftwood.Engine.Records.FieldTypes;

namespace Driftwood.Engine.Records.Types;

/// <summary>A kind of record: its table, its fields and how its records are told apart.</summary>
/// <param name="Key">The API's name; that of a built-in type is also its table's.</param>
/// <param name="Label">What people read, plural.</param>
/// <param name="Fields">
/// All fields a caller may set, in the order the API prints them, custom ones last; <c>tags</c> included, <c>id</c> and the
/// time stamps not.
/// </param>
/// <param name="MatchFields">Keys of the fields rows can be matched on, the default first; <c>id</c> is the last.</param>
public sealed record RecordType(string Key, string Label, IReadOnlyList<Field> Fields, IReadOnlyList<string> MatchFields)
{
    /// <summary>Set for a type that users defined: the records of all of them share one table.</summary>
    public Guid? TypeId { get; init; }

    /// <summary>How records are named where callers do not name them; else null.</summary>
    public AutonumberPattern? Autonumber { get; init; }

    /// <summary>Which state of the account's custom fields this is; 0 where there never were any.</summary>
    public long Version { get; init; }

    /// <summary>A record must have a value in at least one of these; empty where <see cref="Field.Required"/> says it all.</summary>
    public IReadOnlyList<string> AnyOf { get; init; } = [];

    /// <summary>The record's id as a field, for mapping, matching and filters only.</summary>
    public static Field Id { get; } = new("id", "ID", FieldKind.Id) { Synonyms = ["recordid", "driftwoodid"] };

    /// <summary>The fields that Driftwood itself writes beside the id: for filters and sorting only.</summary>
    public static IReadOnlyList<Field> Stamps { get; } =
    [
        new("created_at", "Created At", FieldKind.DateTime) { MaxLength = 0, Required = true },
        new("created_by", "Created By", FieldKind.Reference) { MaxLength = 0, Required = true },
        new("updated_at", "Updated At", FieldKind.DateTime) { MaxLength = 0, Required = true },
        new("updated_by", "Updated By", FieldKind.Reference) { MaxLength = 0, Required = true },
    ];

    /// <summary>The table of its records.</summary>
    public string Table => TypeId is null ? Key : "custom_records";

    /// <summary>The fields that have a column of their own: all but tags and custom ones.</summary>
    public IEnumerable<Field> Columns => Fields.Where(f => f is { IsTags: false, IsCustom: false });

    /// <summary>The fields whose values stand in <c>custom</c>.</summary>
    public IEnumerable<Field> CustomFields => Fields.Where(f => f.IsCustom);

    /// <summary>The fields whose values are kept apart by <c>unique_values</c>.</summary>
    public IEnumerable<Field> UniqueValueFields => Fields.Where(f => f.UniqueId is not null);

    /// <summary>The field of that key (<c>id</c> included), or null.</summary>
    public Field? Find(string key) =>
        key == Id.Key ? Id : Fields.FirstOrDefault(f => f.Key == key);

    /// <summary>The columns that say whose a record is, with their values: the first columns of every key and index.</summary>
    internal IReadOnlyList<(string Column, string SqlType)> OwnerColumns =>
        TypeId is null ? [("account_id", "uuid")] : [("account_id", "uuid"), ("type_id", "uuid")];

    /// <summary>The condition that a row is of this type and of the account <paramref name="account"/>.</summary>
    internal string Owned(string row, string account) =>
        $"{row}.account_id = {account}" + (TypeId is { } type ? $" and {row}.type_id = '{type}'" : "");

    /// <summary>The condition that a row is of the same type and account as another that has <see cref="OwnerColumns"/>.</summary>
    internal string SameOwner(string row, string other) =>
        string.Join(" and ", OwnerColumns.Select(o => $"{row}.{o.Column} = {other}.{o.Column}"));
}
