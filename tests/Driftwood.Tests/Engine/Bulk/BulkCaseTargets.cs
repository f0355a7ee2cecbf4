using System.Text.Json;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>The targets of a case and the way the job names them.</summary>
/// <param name="Ids">The ids in processing order; null if no record has the external ID.</param>
/// <param name="Names">The name of each target in the list of results.</param>
/// <param name="Selecting">Null if the job names the targets by their ids.</param>
internal sealed record BulkCaseTargets(IReadOnlyList<Guid?> Ids, IReadOnlyList<string> Names, BulkSelecting? Selecting)
{
    /// <summary>Makes targets from ids, some of which belong to no record. A selection finds only the existing ones.</summary>
    public static BulkCaseTargets Make(Random random, RecordType type, List<PlainRecord> existing, Guid[] ids, string selection) =>
        selection switch
        {
            "entity_ids" => new([.. ids.Select(id => (Guid?)id)], [.. ids.Select((id, index) => $"{index} {id}")], null),
            "external_ids" => ByExternalId(random, type, existing, ids),
            _ => Found(random, type, existing, ids, isQuery: selection == "query"),
        };

    // Some IDs have white space around them, which does not count. Some occur twice, and some belong to no record.
    private static BulkCaseTargets ByExternalId(Random random, RecordType type, List<PlainRecord> existing, Guid[] ids)
    {
        var field = type.Find("external_id")!;
        List<string> given = [.. ids.Select(id => existing.Find(record => record.Id == id)?["external_id"]).OfType<string>(), "nobody's"];
        given.AddRange(given.Where(_ => random.Next(4) == 0).ToArray());
        string[] written = [.. given.Select(id => random.Next(3) == 0 ? $" {id}\t" : id)];
        random.Shuffle(written);
        List<Guid?> targets = [];
        List<string> names = [];
        HashSet<string> seen = [];
        foreach (var (index, text) in written.Index())
        {
            var key = MatchKeys.Of(field.MatchKey!.Value, text)!;
            if (!seen.Add(key)) continue;
            targets.Add(existing.Find(record => record.Key(field) == key)?.Id);
            names.Add($"{index} {targets[^1]} {text}");
        }

        return new(targets, names, new BulkSelecting(ExternalIds: written));
    }

    private static BulkCaseTargets Found(Random random, RecordType type, List<PlainRecord> existing, Guid[] ids, bool isQuery)
    {
        var isAll = random.Next(5) == 0;
        Guid?[] found = [.. existing.Select(record => record.Id).Where(id => isAll || ids.Contains(id!.Value))];
        var selecting = (isQuery, isAll) switch
        {
            (true, true) => new BulkSelecting(Query: $"SELECT _record_id AS id FROM \"{type.Key}\""),
            (true, _) => new BulkSelecting(Query: $"id IN ({string.Join(", ", ids.Select(id => $"'{id}'"))})"),
            (_, true) => new BulkSelecting(Filter: $$"""{"or": [{{Among(ids)}}, {"not": {{Among(ids)}}}]}"""),
            _ when random.Next(2) == 0 =>
                new BulkSelecting(Filter: $$"""{"and": [{{Among(ids)}}, {"field": "created_at", "op": "gt", "value": "2001-01-01"}]}"""),
            _ => new BulkSelecting(Filter: $$"""{"not": {"not": {"or": [{{Among(ids[..1])}}, {{Among(ids)}}] } } }"""),
        };
        return new(found, [.. found.Select(id => id.ToString()!)], selecting);
    }

    private static string Among(Guid[] ids) => JsonSerializer.Serialize(new { field = "id", op = "in", value = ids });
}
