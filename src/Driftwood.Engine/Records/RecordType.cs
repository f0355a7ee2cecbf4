namespace Driftwood.Engine.Records;

/// <summary>A kind of record: its table, its fields and how its records are told apart.</summary>
/// <param name="Key">The API's name, which is also the table's.</param>
/// <param name="Label">What people read, plural.</param>
/// <param name="Fields">
/// All fields a caller may set, in the order the API prints them; <c>tags</c> included, <c>id</c> and the time stamps not.
/// </param>
/// <param name="MatchFields">Keys of the fields rows can be matched on, the default first; <c>id</c> is the last.</param>
public sealed record RecordType(string Key, string Label, IReadOnlyList<Field> Fields, IReadOnlyList<string> MatchFields)
{
    /// <summary>A record must have a value in at least one of these; empty where <see cref="Field.Required"/> says it all.</summary>
    public IReadOnlyList<string> AnyOf { get; init; } = [];

    /// <summary>The record's id as a field, for mapping and matching only.</summary>
    public static Field Id { get; } = new("id", "ID", FieldKind.Id) { Synonyms = ["recordid", "driftwoodid"] };

    /// <summary>The fields that have a column of their own: all but tags.</summary>
    public IEnumerable<Field> Columns => Fields.Where(f => f.Kind != FieldKind.Tags);

    /// <summary>The field of that key (<c>id</c> included), or null.</summary>
    public Field? Find(string key) =>
        key == Id.Key ? Id : Fields.FirstOrDefault(f => f.Key == key);
}
