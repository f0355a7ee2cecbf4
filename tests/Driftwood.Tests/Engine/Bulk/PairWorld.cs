using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>An account's records of several types, before and after the jobs.</summary>
/// <param name="types">The types with their custom parts. Contacts, companies and sources are among them.</param>
/// <param name="records">The records by the keys of their types. Each record that a job may make has an external ID.</param>
internal sealed class PairWorld(IReadOnlyList<RecordType> types, IReadOnlyDictionary<string, List<PlainRecord>> records)
{
    public IReadOnlyList<RecordType> Types => types;

    public List<PlainRecord> this[RecordType type] => records[type.Key];

    /// <summary>The contacts that may point to records of the type.</summary>
    public List<PlainRecord> PointingTo(RecordType type) => type.Key == "contacts" ? [] : records["contacts"];

    /// <summary>The ids of companies and sources.</summary>
    public HashSet<Guid> Referable => [.. records["companies"].Concat(records["sources"]).Select(record => record.Id).OfType<Guid>()];

    public PairWorld Copy() => new(types, records.ToDictionary(type => type.Key, type => type.Value.ConvertAll(record => record.Copy())));

    /// <summary>Shows each record in one line, by its name.</summary>
    public Dictionary<string, string> Show() => types
        .SelectMany(
            type => this[type]
            .Select(record => (
            Name: record.Id is { } id ? Name(type, id) : NewName(type, record["external_id"]!), Shown: record.Show(type))))
        .ToDictionary(record => record.Name, record => record.Shown);

    /// <summary>Shows the database's records in the same way.</summary>
    public async Task<Dictionary<string, string>> ReadAsync(EngineRig rig, Tenant tenant)
    {
        Dictionary<string, string> shown = [];
        foreach (var type in types)
        {
            var known = this[type].Select(record => record.Id!.Value).ToHashSet();
            foreach (var line in await rig.ShowRecordsAsync(tenant, type, known)) shown.Add(NameOfLine(type, line), line);
        }

        return shown;
    }

    public static string Name(RecordType type, Guid id) => $"{type.Key} {id}";

    public static string NewName(RecordType type, string externalId) => $"{type.Key} new {externalId}";

    // No job makes records without an external ID. Such a line shows up as a missing or an extra record.
    private static string NameOfLine(RecordType type, string line)
    {
        if (!line.StartsWith("new ", StringComparison.Ordinal)) return Name(type, Guid.Parse(line.Split(' ')[0]));
        const string mark = " external_id=";
        var start = line.IndexOf(mark, StringComparison.Ordinal);
        return start < 0 ? $"{type.Key} {line}" : NewName(type, line[(start + mark.Length)..].Split(' ')[0]);
    }
}
