using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Npgsql;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>
/// Everything that depends on the kind of a field: how values are read, compared, stored and shown. A new kind is a class
/// derived from this one and a member of <see cref="FieldKind"/>.
/// </summary>
/// <param name="kind">The kind that the class stands for.</param>
public abstract class FieldType(FieldKind kind)
{
    private protected static readonly IReadOnlyList<FilterOperator> TextOperators =
        [Eq, Ne, Lt, Lte, Gt, Gte, In, Contains, StartsWith, Like, Ilike, IsBlank, IsNotBlank];

    private protected static readonly IReadOnlyList<FilterOperator> OrderOperators = [Eq, Ne, Lt, Lte, Gt, Gte, In, IsBlank, IsNotBlank];
    private protected static readonly IReadOnlyList<FilterOperator> IdentityOperators = [Eq, Ne, In, IsBlank, IsNotBlank];

    /// <summary>All kinds, in the order of <see cref="FieldKind"/>. Each class that is derived from this one is among them.</summary>
    public static IReadOnlyList<FieldType> All { get; } =
    [
        .. typeof(FieldType).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(FieldType)) && !type.IsAbstract)
            .Select(type => (FieldType)Activator.CreateInstance(type)!)
            .OrderBy(type => type.Kind),
    ];

    /// <summary>The type of a kind.</summary>
    public static FieldType Of(FieldKind kind) => All[(int)kind];

    /// <summary>The kind.</summary>
    public FieldKind Kind { get; } = kind;

    /// <summary>The API's name of the kind, such as <c>datetime</c>.</summary>
    public string Name { get; } = kind.ToString().ToLowerInvariant();

    /// <summary>The SQL type of a value.</summary>
    public virtual string SqlType => "text";

    /// <summary>The JSON type of a value in a record, as JSON Schema names it.</summary>
    public virtual string JsonType => "string";

    /// <summary>JSON Schema's name of the format of a value, or null.</summary>
    public virtual string? JsonFormat => null;

    /// <summary>Describes a valid value in error messages.</summary>
    public virtual string Expected => "a string";

    /// <summary>The filter operators that a field takes, in the order the API prints them.</summary>
    public virtual IReadOnlyList<FilterOperator> Operators => TextOperators;

    /// <summary>Whether users can define fields of the kind.</summary>
    public virtual bool CanBeCustom => true;

    /// <summary>Whether users can make a field unique.</summary>
    public virtual bool CanBeUnique => true;

    /// <summary>Maximum Unicode scalar values in a custom field's value; 0 where the kind itself bounds them.</summary>
    public virtual int MaxLength => 0;

    /// <summary>How values of a unique custom field are made comparable.</summary>
    public virtual MatchKeyKind UniqueKey => MatchKeyKind.Exact;

    /// <summary>Whether equal values always have the same stored form, so that the stored match key also finds them.</summary>
    internal virtual bool HasOneSpelling => false;

    /// <summary>Whether a value is a list of tags. <see cref="Read"/> does not read lists.</summary>
    public bool IsList => Kind == FieldKind.Tags;

    /// <summary>Whether values are compared as text. Any text can then be compared with them.</summary>
    internal bool ComparesText => ReferenceEquals(Operators, TextOperators);

    /// <summary>
    /// Whether <see cref="Read"/> keeps the value as it is, if it accepts it. The value's match key is then that of the stored form.
    /// </summary>
    internal virtual bool IsKept(ReadOnlySpan<byte> value, CellFormat format) => true;

    /// <summary>Whether the values are dates, with or without a time.</summary>
    internal bool IsDate => Kind is FieldKind.Date or FieldKind.DateTime;

    /// <summary>How a single value is written in JSON and in a query.</summary>
    internal virtual LiteralForm Form => LiteralForm.String;

    /// <summary>
    /// A valid value for an example: a string, a long, a decimal, a DateOnly or a DateTime in UTC. Null where only the caller can know one.
    /// </summary>
    /// <param name="options">The options of the field that can stand in a file as they are.</param>
    internal abstract object? Example(IReadOnlyList<string> options);

    /// <summary>The same for a field whose values must differ between records. A kind of few values has only the example.</summary>
    /// <param name="number">A random number.</param>
    /// <param name="options">As above.</param>
    internal virtual object? UniqueExample(uint number, IReadOnlyList<string> options) => Example(options);

    /// <summary>Reads a value into its stored form. It allocates memory only when it refuses the value.</summary>
    /// <param name="value">UTF-8: trimmed, not blank and not too long.</param>
    /// <param name="options">The options of the field.</param>
    /// <param name="format">How the source writes dates and numbers.</param>
    /// <param name="scratch">Room for a stored form that differs from the value.</param>
    /// <param name="stored">Points into <paramref name="value"/>, <paramref name="scratch"/> or memory that lives on.</param>
    /// <returns>Why the value is refused, a warning (<see cref="CellFaults.IsWarning"/>), or null.</returns>
    internal abstract Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored);

    /// <summary>Reads a value from its column. The column is not null.</summary>
    internal virtual object ReadColumn(NpgsqlDataReader row, int ordinal) => row.GetString(ordinal);

    /// <summary>Writes a value that <see cref="ReadColumn"/> returned.</summary>
    internal virtual void WriteColumn(Utf8JsonWriter writer, object value) => writer.WriteStringValue((string)value);

    /// <summary>Writes a value from the JSON of a record's custom values.</summary>
    internal virtual void WriteCustom(Utf8JsonWriter writer, JsonElement value) => value.WriteTo(writer);
}

/// <summary>How a field is compared. The API's names are the members in snake_case.</summary>
public enum FilterOperator
{
    Eq,
    /// <summary>The exact opposite of <see cref="Eq"/>; it also finds blank fields.</summary>
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    /// <summary>Ignores case.</summary>
    Contains,
    /// <summary>Ignores case. Uses the match key where the field has one.</summary>
    StartsWith,
    /// <summary>A pattern of % and _ that respects case. A backslash escapes the next character.</summary>
    Like,
    /// <summary>The same pattern, but case is ignored.</summary>
    Ilike,
    IsBlank,
    IsNotBlank,
    HasTag,
    HasAnyTag,
    HasAllTags,
}
