using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Templates;

/// <summary>A column of a template.</summary>
/// <param name="Field">The field that it is for.</param>
/// <param name="Header">Its name, for which exactly this field is suggested.</param>
/// <param name="Example">
/// A valid value: a string, a long, a decimal, a DateOnly or a DateTime in UTC. Null where only the caller can know one.
/// </param>
public sealed record TemplateColumn(Field Field, string Header, object? Example);

/// <summary>The columns of a file to fill in: one for each field of a record type that a new record can have.</summary>
public static class ImportTemplate
{
    /// <summary>The columns for a record type, those that people know first. Each call makes other unique values for the example.</summary>
    public static IReadOnlyList<TemplateColumn> Of(RecordType type)
    {
        var examples = new TemplateExamples(type);
        Field[] fields = [.. type.Fields.Where(field => !field.IsReadOnly).OrderBy(field => field.Key == "external_id")];
        var values = Array.ConvertAll(fields, examples.Of);
        var headers = Headers(type, fields, [.. values.Select(TemplateCsv.Text)]);
        return [.. fields.Zip(headers, values).Select(column => new TemplateColumn(column.First, column.Second, column.Third))];
    }

    // People read labels, so a column has its field's key only where the label would not lead to the field.
    private static string[] Headers(RecordType type, Field[] fields, string[] row)
    {
        string[] headers = [.. fields.Select(field => IsPlain(field.Label) ? field.Label : field.Key)];
        var isSettled = false;
        while (!isSettled)
        {
            var suggested = MappingSuggester.Suggest(type, headers, [row]);
            isSettled = true;
            for (var i = 0; i < fields.Length; i++)
            {
                if (headers[i] == fields[i].Key || (IsSure(suggested[i], fields[i]) && IsAlone(headers, i))) continue;
                headers[i] = fields[i].Key;
                isSettled = false;
            }
        }

        return headers;
    }

    private static bool IsSure(SuggestedColumn column, Field field) => column.Field == field.Key && column.Confidence >= 1;

    private static bool IsAlone(string[] headers, int at) =>
        headers.Index().All(other => other.Index == at || !other.Item.Equals(headers[at], StringComparison.OrdinalIgnoreCase));

    // A name that begins with a letter is neither a formula nor a note. A column called ID might be taken for the record's own id.
    private static bool IsPlain(string label) =>
        label.Length > 0 && char.IsLetter(label[0]) && !label.AsSpan().ContainsAny('\r', '\n')
        && HeaderText.Clean(label) == label && CellShapes.Of(label) == CellShape.Text && HeaderWords.Join(label) != RecordType.Id.Key;
}
