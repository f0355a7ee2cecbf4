using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Companies;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>Writes the match keys of the company that a row names. The row's cells are valid.</summary>
internal static class CompanyKeys
{
    /// <summary>Appends the match key of the company's domain; nothing where the row has none.</summary>
    public static void WriteDomain(CompanyColumns columns, RowReader rows, ByteBuffer output)
    {
        var start = output.Length;
        if (columns.Website is { } website) MatchKeys.Write(MatchKeyKind.Domain, rows[website.Index], output);
        if (columns.Email is not { } email || output.Length > start) return;
        var address = rows[email.Index];
        MatchKeys.Write(MatchKeyKind.Domain, address[(address.LastIndexOf((byte)'@') + 1)..], output);
        if (PublicMailDomains.Contains(output.Written[start..])) output.Length = start;
    }

    /// <summary>Appends the match key of the company's name; nothing where the row has none.</summary>
    public static void WriteName(CompanyColumns columns, RowReader rows, ByteBuffer output)
    {
        if (columns.Name is { } name) MatchKeys.Write(MatchKeyKind.Name, rows[name.Index], output);
    }
}
