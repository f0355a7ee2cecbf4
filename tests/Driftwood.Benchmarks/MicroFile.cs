using System.Globalization;
using System.Text;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Benchmarks;

/// <summary>A file in memory with the plan that a lane reads it by.</summary>
/// <param name="Name">A description of the content.</param>
/// <param name="Bytes">The file, with a header.</param>
/// <param name="Format">The format of the file.</param>
/// <param name="Plan">The plan: contacts, matched on their e-mail, merged.</param>
internal sealed record MicroFile(string Name, byte[] Bytes, CsvFormat Format, ImportPlan Plan)
{
    private static readonly Dictionary<string, string> PlainColumns = new()
    {
        ["First Name"] = "first_name",
        ["Last Name"] = "last_name",
        ["Email"] = "email",
        ["Phone"] = "phone",
        ["Company"] = "company_name",
        ["City"] = "city",
    };

    private static readonly Field[] CustomFields =
    [
        Custom(1, "member_no", FieldKind.Integer),
        Custom(2, "spent", FieldKind.Decimal),
        Custom(3, "since", FieldKind.Date),
        Custom(4, "tier", FieldKind.Choice, "gold", "silver"),
    ];

    /// <summary>The file of the other benchmarks.</summary>
    public static MicroFile Plain(int rows) => Make("plain", rows, RecordTypes.Contacts, [], _ => "");

    /// <summary>The same file with up to three tags a row.</summary>
    public static MicroFile Tagged(int rows) => Make("with tags", rows, RecordTypes.Contacts, [("Tags", "tags")], row => (row % 4) switch
    {
        0 => ",",
        1 => $",tag {row % 50}",
        2 => $",\"customer,tag {row % 50}\"",
        _ => $",\"customer,newsletter,tag {row % 50}\"",
    });

    /// <summary>The same file with a custom number, decimal, date and choice.</summary>
    public static MicroFile WithCustomFields(int rows) => Make(
        "with four custom fields",
        rows,
        RecordTypes.Contacts with { Fields = [.. RecordTypes.Contacts.Fields, .. CustomFields] },
        [.. CustomFields.Select(field => (field.Label, field.Key))],
        row => string.Create(
            CultureInfo.InvariantCulture,
            $",{row},{row % 9973}.{row % 90 + 10},"
                + $"20{row % 25:D2}-{row % 12 + 1:D2}-{row % 28 + 1:D2},{(row % 3 == 0 ? "gold" : "silver")}"));

    private static MicroFile Make(string name, int rows, RecordType type, (string Column, string Field)[] more, Func<int, string> cells)
    {
        string[] headers = [.. ContactsFile.Header.Split(','), .. more.Select(column => column.Column)];
        var contacts = new ContactsFile(rows);
        var text = new StringBuilder().AppendJoin(',', headers).Append('\n');
        for (var row = 0; row < rows; row++) text.Append(contacts.Row(row)).Append(cells(row)).Append('\n');
        var mapping = new Dictionary<string, string>(PlainColumns);
        foreach (var (column, field) in more) mapping.Add(column, field);
        var spec = new ImportSpec { ColumnMapping = mapping, DuplicateStrategy = DuplicateStrategy.Merge, MatchOn = "email" };
        var format = new CsvFormat { Encoding = "utf-8", Delimiter = ',', ColumnCount = headers.Length };
        return new MicroFile(name, Encoding.UTF8.GetBytes(text.ToString()), format, new ImportPlan(type, spec, headers));
    }

    private static Field Custom(int slot, string key, FieldKind kind, params string[] options) =>
        Engine.Records.Types.CustomFields.Make(Guid.CreateVersion7(), slot, key, key, kind, required: false, unique: false, options);
}
