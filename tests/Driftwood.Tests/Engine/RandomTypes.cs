using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine;

/// <summary>Random record types that an account may have: built-in and custom types, most of them with custom fields.</summary>
internal static class RandomTypes
{
    /// <summary>The options of every choice. No two options differ only in case or white space.</summary>
    public static readonly string[] Options = ["Gold", "Old Silver", "Çelik", "a,b;c", "\"x\" \\ y"];

    // Some keys are words of the SQL statements that the engine makes from fields.
    private static readonly string[] Keys = ["select", "match_id", "custom_key", "auto_name", "any", new string('k', 63)];

    private static readonly string[] Kinds = [.. CustomFields.Kinds.Keys];

    /// <summary>The keys of the built-in types, and one key for custom types.</summary>
    public static readonly string[] Families = ["contacts", "companies", "sources", CustomKey];

    private const string CustomKey = "custom";

    /// <summary>The family of the type, one of <see cref="Families"/>.</summary>
    public static string FamilyOf(RecordType type) => type.TypeId is null ? type.Key : CustomKey;

    public static RecordType Make(Random random) => Make(random, random.Next(12) switch
    {
        < 5 => RecordTypes.Contacts.Key,
        < 7 => RecordTypes.Companies.Key,
        7 => RecordTypes.Sources.Key,
        _ => CustomKey,
    });

    /// <param name="random">Decides everything else.</param>
    /// <param name="family">One of <see cref="Families"/>.</param>
    public static RecordType Make(Random random, string family)
    {
        var type = RecordTypes.Find(family) ?? Custom(random);
        if (random.Next(3) == 0) return type;
        var fields = Keys.Take(random.Next(1, Keys.Length + 1))
            .Select((key, i) => MakeField(random, key, PlainRecord.DeletedSlot + 5 + (i * 3)));
        return RecordTypes.Extend(type, [.. fields], 0);
    }

    private static RecordType Custom(Random random)
    {
        string?[] patterns = [null, null, "T-{000}", "{0}", "Nº {00}.x"];
        return RecordTypes.Custom(Guid.CreateVersion7(), "gadgets", "Gadgets", random.Next(2) == 0, patterns[random.Next(patterns.Length)]);
    }

    private static Field MakeField(Random random, string key, int slot)
    {
        var kind = CustomFields.Kinds[Kinds[random.Next(Kinds.Length)]];
        var unique = FieldType.Of(kind).CanBeUnique && random.Next(5) < 2;
        // If a choice were unique and required, its options would run out.
        var required = random.Next(5) == 0 && !(unique && kind == FieldKind.Choice);
        return CustomFields.Make(
            Guid.CreateVersion7(), slot, key, $"Label of {key}", kind, required, unique, kind == FieldKind.Choice ? Options : []);
    }
}
