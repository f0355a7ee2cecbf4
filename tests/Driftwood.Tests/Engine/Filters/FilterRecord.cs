using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>A record as filters see it: stored forms by field key, including id and stamps. Tags of both kinds are separate.</summary>
internal sealed class FilterRecord
{
    public Dictionary<string, string> Values { get; init; } = [];

    public Dictionary<string, TagSet> Tags { get; init; } = [];

    public Guid Id => Guid.Parse(Values["id"]);

    public string? this[Field field] => Values.GetValueOrDefault(field.Key);

    public bool IsBlank(Field field) => field.Kind == FieldKind.Tags ? !Tags.ContainsKey(field.Key) : !Values.ContainsKey(field.Key);

    /// <summary>Copies the record under a new id.</summary>
    public FilterRecord Copy() => new() { Values = new(Values) { ["id"] = Guid.CreateVersion7().ToString() }, Tags = new(Tags) };
}
