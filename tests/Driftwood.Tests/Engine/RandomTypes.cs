using Driftwood.Engine.Records;

namespace Driftwood.Tests.Engine;

/// <summary>Random record types that an account may have: those built in and its own, most of them with custom fields.</summary>
internal static class RandomTypes
{
    /// <summary>Options of every choice: none is another's in other case or with other white space.</summary>
    public static readonly string[] Options = ["Gold", "Old Silver", "Çelik", "a,b;c", "\"x\" \\ y"];

    // Some of them are words of the statements that are made from fields.
    private static readonly string[] Keys = ["select", "match_id", "custom_key", "auto_name", "any", new string('k', 63)];

    private static readonly string[] Kinds = [.. CustomFields.Kinds.Keys];

    public static RecordType Make(Random random)
    {
        var type = random.Next(12) switch
        {
            < 5 => RecordTypes.Contacts,
            < 7 => RecordTypes.Companies,
            7 => RecordTypes.Sources,
            _ => Custom(random),
        };
        if (random.Next(3) == 0) return type;
        var fields = Keys.Take(random.Next(1, Keys.Length + 1)).Select((key, i) => MakeField(random, key, PlainRecord.DeletedSlot + 5 + (i * 3)));
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
        var unique = CustomFields.CanBeUnique(kind) && random.Next(5) < 2;
        // Were a choice both, the options would run out.
        var required = random.Next(5) == 0 && !(unique && kind == FieldKind.Choice);
        return CustomFields.Make(Guid.CreateVersion7(), slot, key, $"Label of {key}", kind, required, unique, kind == FieldKind.Choice ? Options : []);
    }
}
