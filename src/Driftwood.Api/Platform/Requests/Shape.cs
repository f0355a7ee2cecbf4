using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Driftwood.Api.Platform.Requests;

/// <summary>The kinds of JSON a request member can ask for.</summary>
internal enum ShapeKind
{
    /// <summary>Any JSON: the feature reads it itself.</summary>
    Any,
    Text,
    Boolean,
    Integer,
    Number,
    Uuid,
    Time,
    Date,
    Choice,
    List,
    Map,
    Object,
}

/// <summary>
/// The JSON that a request type accepts, read once from its JSON contract and nullable annotations, so that a body can be held
/// against it and everything that does not fit be named at once; the serializer would stop at the first.
/// </summary>
internal sealed class Shape
{
    private static readonly Dictionary<Type, ShapeKind> Scalars = new()
    {
        [typeof(JsonElement)] = ShapeKind.Any,
        [typeof(string)] = ShapeKind.Text,
        [typeof(bool)] = ShapeKind.Boolean,
        [typeof(short)] = ShapeKind.Integer,
        [typeof(int)] = ShapeKind.Integer,
        [typeof(long)] = ShapeKind.Integer,
        [typeof(decimal)] = ShapeKind.Number,
        [typeof(double)] = ShapeKind.Number,
        [typeof(Guid)] = ShapeKind.Uuid,
        [typeof(DateTimeOffset)] = ShapeKind.Time,
        [typeof(DateOnly)] = ShapeKind.Date,
    };

    private readonly Lazy<IReadOnlyDictionary<string, Member>> _members;
    private readonly Lazy<Shape> _element;
    private readonly Lazy<IReadOnlyList<string>> _choices;

    private Shape(Type type, NullabilityInfo? nullability, bool acceptsNull)
    {
        var contract = WireJson.Options.GetTypeInfo(type);
        Type = type;
        AcceptsNull = acceptsNull;
        Kind = KindOf(type, contract);
        _members = new(() => ReadMembers(contract));
        _element = new(() => ReadElement(contract, nullability));
        _choices = new(() =>
        [
            .. Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.SerializeToElement(value, contract).GetString()!),
        ]);
    }

    public ShapeKind Kind { get; }

    /// <summary>Without <see cref="Nullable{T}"/> around it.</summary>
    public Type Type { get; }

    public bool AcceptsNull { get; }

    /// <summary>The members of an object by wire name, in the order of their declaration.</summary>
    public IReadOnlyDictionary<string, Member> Members => _members.Value;

    /// <summary>The shape of a list's items or of a map's values.</summary>
    public Shape Element => _element.Value;

    /// <summary>The words for messages, such as <c>an array of uuids</c>.</summary>
    public string Expected => Kind switch
    {
        ShapeKind.Text => "a string",
        ShapeKind.Boolean => "true or false",
        ShapeKind.Integer => "an integer",
        ShapeKind.Number => "a number",
        ShapeKind.Uuid => "a uuid such as 550e8400-e29b-41d4-a716-446655440000",
        ShapeKind.Time => "a time such as 2025-06-15T14:30:00Z",
        ShapeKind.Date => "a date such as 2025-06-15",
        ShapeKind.Choice => "one of " + string.Join(", ", Choices),
        ShapeKind.List => "an array",
        ShapeKind.Any => "any JSON",
        _ => "an object",
    } + (AcceptsNull && Kind != ShapeKind.Any ? " or null" : "");

    /// <summary>The values of an enum, as they are on the wire.</summary>
    public IReadOnlyList<string> Choices => _choices.Value;

    public static Shape Of(Type type) => Of(type, null);

    private static Shape Of(Type type, NullabilityInfo? nullability)
    {
        var acceptsNull = Nullable.GetUnderlyingType(type) is not null
            || nullability?.WriteState == NullabilityState.Nullable
            || type == typeof(JsonElement);
        return new(Bare(type), nullability, acceptsNull);
    }

    private static Type Bare(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static ShapeKind KindOf(Type type, JsonTypeInfo contract)
    {
        if (Scalars.TryGetValue(type, out var kind))
            return kind;
        return contract.Kind switch
        {
            _ when type.IsEnum => ShapeKind.Choice,
            JsonTypeInfoKind.Object => ShapeKind.Object,
            JsonTypeInfoKind.Enumerable => ShapeKind.List,
            JsonTypeInfoKind.Dictionary => ShapeKind.Map,
            _ => ShapeKind.Any, // A converter of its own: what it refuses is reported when it reads.
        };
    }

    private static Dictionary<string, Member> ReadMembers(JsonTypeInfo contract)
    {
        var members = new Dictionary<string, Member>(StringComparer.Ordinal);
        foreach (var property in contract.Properties)
        {
            if (property.Set is null && property.AssociatedParameter is null)
                continue;
            var nullability = property.AttributeProvider is PropertyInfo declared
                ? new NullabilityInfoContext().Create(declared)
                : null;
            var required = property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false };
            var max = property.AttributeProvider?.GetCustomAttributes(typeof(MaxCountAttribute), inherit: true).OfType<MaxCountAttribute>();
            members.Add(property.Name, new Member(Of(property.PropertyType, nullability), required, max?.SingleOrDefault()?.Count));
        }

        return members;
    }

    private static Shape ReadElement(JsonTypeInfo contract, NullabilityInfo? nullability)
    {
        var type = contract.ElementType ?? typeof(JsonElement);
        return Of(type, nullability?.ElementType ?? nullability?.GenericTypeArguments.LastOrDefault());
    }

    /// <param name="Shape">What the member accepts.</param>
    /// <param name="Required">Whether it must be there.</param>
    /// <param name="MaxCount">Maximum items of a list; null: as many as the body holds.</param>
    internal sealed record Member(Shape Shape, bool Required, int? MaxCount);
}

/// <summary>The maximum number of items of a list in a request. A longer list is refused before its items are read.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MaxCountAttribute(int count) : Attribute
{
    public int Count => count;
}
