using System.Text.Json.Nodes;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Selects a bulk job's targets.</summary>
/// <param name="Kind">entity_ids, external_ids, filter or query.</param>
/// <param name="Named">The value of that member in the request.</param>
/// <param name="Targets">The contacts, each with how a failure lists it. The name that finds no contact has a null id.</param>
internal sealed record BulkSelection(string Kind, JsonNode Named, IReadOnlyList<(Guid? Id, string Label)> Targets)
{
    private const int MaxListed = 4_000;

    /// <summary>Whether the service finds the contacts, and the request does not list them.</summary>
    public bool IsFound => Kind is "filter" or "query";

    public static BulkSelection Make(Random random, ContactBook book, People people, bool isLarge)
    {
        var (city, tag) = (people.City(), people.Tag());
        return random.Next(isLarge ? 2 : 0, 6) switch
        {
            0 => ByIds(random, book),
            1 => ByExternalIds(random, book),
            2 => Found(
                book, "filter", new JsonObject { ["field"] = "city", ["op"] = "eq", ["value"] = city }, contact => contact.City == city),
            3 => Found(
                book, "filter",
                new JsonObject { ["or"] = new JsonArray(Condition("city", "eq", city), Condition("tags", "has_tag", tag)) },
                contact => contact.City == city || contact.Tags.Contains(tag)),
            4 => Found(
                book, "query", $"city = '{city}' AND NOT (tags HAS '{tag}')", contact =>
                contact.City == city && !contact.Tags.Contains(tag)),
            _ => Found(
                book, "query", "SELECT _record_id AS id FROM \"contacts\" WHERE email IS NOT NULL AND external_id IS NOT NULL", contact =>
                contact is { Email: not null, ExternalId: not null }),
        };
    }

    private static BulkSelection ByIds(Random random, ContactBook book)
    {
        Guid[] ids = [.. Some(random, book.All).Select(contact => contact.Id!.Value), Guid.CreateVersion7(), Guid.NewGuid()];
        random.Shuffle(ids);
        return new("entity_ids", new JsonArray([.. ids.Select(id => (JsonNode)id)]), [.. ids.Select(id => ((Guid?)id, $"{id}"))]);
    }

    private static BulkSelection ByExternalIds(Random random, ContactBook book)
    {
        string[] names = [
            .. Some(random, [.. book.All.Where(contact => contact.ExternalId is not null)]).Select(contact => contact.ExternalId!),
            "nobody-1", "nobody-2"];
        random.Shuffle(names);
        return new(
            "external_ids", new JsonArray([.. names.Select(name => (JsonNode)name)]),
            [.. names.Select(name => (book.ByExternalId(name)?.Id, name))]);
    }

    private static BulkSelection Found(ContactBook book, string kind, JsonNode named, Func<Contact, bool> isFound) =>
        new(kind, named, [.. book.All.Where(isFound).Select(contact => (contact.Id, $"{contact.Id}"))]);

    private static JsonObject Condition(string field, string op, string value) =>
        new() { ["field"] = field, ["op"] = op, ["value"] = value };

    private static IEnumerable<Contact> Some(Random random, IReadOnlyCollection<Contact> contacts)
    {
        var share = Math.Min(1.0, (double)random.Next(1, MaxListed) / Math.Max(1, contacts.Count));
        return contacts.Where(_ => random.NextDouble() < share);
    }
}
