using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Companies;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>Writes the match keys of the company that a row names. The row's cells are valid.</summary>
internal static class CompanyKeys
{
    /// <summary>Appends the match key of the company's domain; nothing where the row has none.</summary>
    public static void WriteDomain(CompanyColumns columns, RowReader rows, ByteBuffer output)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var start = output.Length;
        foreach (var host in columns.Hosts)
        {
            if (output.Length == start && TryRead(host, rows, scratch, out var page)) MatchKeys.Write(MatchKeyKind.Domain, page, output);
        }

        if (columns.Email is not { } email || output.Length > start || !TryRead(email, rows, scratch, out var address)) return;
        MatchKeys.Write(MatchKeyKind.Domain, address[(address.LastIndexOf((byte)'@') + 1)..], output);
        if (PublicMailDomains.Contains(output.Written[start..])) output.Length = start;
    }

    /// <summary>Appends the match key of the company's name; nothing where the row has none.</summary>
    public static void WriteName(CompanyColumns columns, RowReader rows, ByteBuffer output)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (columns.Name is { } name && TryRead(name, rows, scratch, out var value))
        {
            MatchKeys.Write(MatchKeyKind.Name, value, output);
        }
    }

    private static bool TryRead(
        MappedColumn column, RowReader rows, Span<byte> scratch, out ReadOnlySpan<byte> stored) =>
        CellReader.TryRead(column.Field, rows[column.Index], scratch, out stored, out _, ShapedRows.FormatOf(rows, column));
}
