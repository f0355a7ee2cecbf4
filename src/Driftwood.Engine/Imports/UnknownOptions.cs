using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Encode;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports;

/// <summary>The values of a file that become options of their fields: <c>"unknown": "add_option"</c>.</summary>
public static class UnknownOptions
{
    /// <summary>
    /// Reads the whole file for values that are no options yet. Values that no option could have are left out; their rows fail.
    /// </summary>
    /// <param name="type">The record type.</param>
    /// <param name="spec">The settings of the import.</param>
    /// <param name="headers">The file's columns.</param>
    /// <param name="format">How the file is read.</param>
    /// <param name="file">Opens the file.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>
    /// Field to its new options in the order of the file, of the fields that have any; more than <see cref="ChoiceOptions.MaxOptions"/>
    /// are not read.
    /// </returns>
    public static async Task<IReadOnlyDictionary<Field, IReadOnlyList<string>>> FindAsync(
        RecordType type, ImportSpec spec, IReadOnlyList<string> headers, FileFormat format, OpenFile file,
        CancellationToken cancellationToken)
    {
        Dictionary<Field, IReadOnlyList<string>> found = [];
        var plan = new ImportPlan(type, spec, headers);
        MappedColumn[] columns = [.. plan.AllColumns.Where(column => column.AddsOptions)];
        if (columns.Length == 0) return found;
        var options = columns.Select(_ => new Dictionary<string, string>()).ToArray();
        await using var rows = ShapedRows.Of(await format.OpenRowsAsync(file, cancellationToken), plan.Shape);
        while (await rows.ReadAsync(cancellationToken))
        {
            for (var i = 0; i < columns.Length && rows.Fault is null; i++) Add(rows, columns[i], options[i]);
        }

        foreach (var (column, values) in columns.Zip(options))
        {
            if (values.Count > 0) found[column.Field] = [.. values.Values];
        }

        return found;
    }

    private static void Add(RowReader rows, MappedColumn column, Dictionary<string, string> options)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (options.Count > ChoiceOptions.MaxOptions || TupleEncoder.TryRead(rows, column, scratch, out _, out var fault)) return;
        if (fault?.Code != "invalid_choice") return;
        if (TupleEncoder.OptionOf(rows, column) is { } option) options.TryAdd(ChoiceOptions.KeyOf(option)!, option);
    }
}
