using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Driftwood.Engine.Files.Tables;

namespace Driftwood.Engine.Files.Workbooks;

/// <summary>
/// An Office Open XML workbook: its sheets, number formats and shared texts. Macros and external references are never looked at.
/// </summary>
internal sealed class WorkbookFile : IDisposable
{
    private const int MaxSheets = 1_000;
    private const int MaxFormats = 100_000;

    private readonly ZipArchive _zip;
    private readonly Dictionary<string, string> _parts;

    private WorkbookFile(ZipArchive zip, string workbook)
    {
        _zip = zip;
        _parts = Relations(workbook);
        ReadWorkbook(workbook);
        ReadFormats();
    }

    /// <summary>The worksheets in their order, with the part of each.</summary>
    public List<(Sheet Sheet, string Part)> Sheets { get; } = [];

    /// <summary>Days are counted from 1904.</summary>
    public bool Is1904 { get; private set; }

    /// <summary>What the cells of a style hold.</summary>
    public List<CellForm> Forms { get; } = [];

    private Dictionary<string, string> Parts { get; } = [];

    /// <summary>Opens a workbook. Returns null if the file is a ZIP archive of something else, or none that can be read.</summary>
    /// <param name="file">The file; it can seek.</param>
    /// <exception cref="UnreadableFileException">The file is a workbook that cannot be read.</exception>
    public static WorkbookFile? Open(Stream file)
    {
        ZipArchive? zip = null;
        try
        {
            if (!ZipDirectory.IsBounded(file)) return null;
            zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            RefuseOthers(zip);
            var workbook = MainPart(zip);
            if (workbook is not null) return new WorkbookFile(zip, workbook);
            zip.Dispose();
            return null;
        }
        catch (InvalidDataException)
        {
            zip?.Dispose();
            return null;
        }
        catch
        {
            zip?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a part.</summary>
    /// <exception cref="UnreadableFileException">The part is not there.</exception>
    public PartReader OpenPart(string name)
    {
        var entry = Find(_zip, name) ?? throw WorkbookFault.Broken($"the part {Shown(name)} is missing.");
        return OpenPart(entry);
    }

    /// <summary>The shared texts, if there are any.</summary>
    public SharedTexts ReadTexts(CancellationToken cancellationToken)
    {
        if (!Parts.TryGetValue("sharedStrings", out var name)) return SharedTexts.Read(null, cancellationToken);
        using var part = OpenPart(name);
        return SharedTexts.Read(part, cancellationToken);
    }

    public void Dispose() => _zip.Dispose();

    private static PartReader OpenPart(ZipArchiveEntry entry)
    {
        try
        {
            return new PartReader(new GuardedPart(entry.Open(), Math.Max(1, entry.CompressedLength)));
        }
        catch (InvalidDataException broken)
        {
            throw WorkbookFault.Broken(broken.Message);
        }
    }

    private static ZipArchiveEntry? Find(ZipArchive zip, string name) =>
        zip.Entries.FirstOrDefault(
            entry => entry.FullName.Replace('\\', '/').TrimStart('/').Equals(name, StringComparison.OrdinalIgnoreCase));

    private static void RefuseOthers(ZipArchive zip)
    {
        var other = Find(zip, "xl/workbook.bin") is not null ? "a binary Excel workbook (.xlsb)"
            : Find(zip, "content.xml") is not null ? "an OpenDocument file (.ods)"
            : Find(zip, "Index/Document.iwa") is not null ? "a Numbers document"
            : Find(zip, "word/document.xml") is not null ? "a Word document" : null;
        if (other is not null) throw new UnreadableFileException("not_text", $"The file is {other}. What to do: save it as .xlsx or CSV.");
    }

    private static string? MainPart(ZipArchive zip)
    {
        if (Find(zip, "_rels/.rels") is { } relations)
        {
            using var part = OpenPart(relations);
            while (part.Read())
            {
                if (part is not { IsElement: true, Name: "Relationship" } || part["Target"] is not { } target) continue;
                var isMain = part["Type"]?.EndsWith("/officeDocument", StringComparison.Ordinal) == true;
                var name = Resolve("", target);
                if (isMain && name.StartsWith("xl/", StringComparison.OrdinalIgnoreCase)) return name;
            }
        }

        return Find(zip, "xl/workbook.xml") is null ? null : "xl/workbook.xml";
    }

    private static string Resolve(string folder, string target)
    {
        if (target.StartsWith('/')) return target[1..];
        List<string> path = [.. folder.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        foreach (var step in target.Split('/'))
        {
            if (step == ".." && path.Count > 0) path.RemoveAt(path.Count - 1);
            else if (step is not ("" or "." or "..")) path.Add(step);
        }

        return string.Join('/', path);
    }

    private static string Shown(string name) => name.Length <= 80 ? name : name[..80] + "…";

    // Id → part of the worksheets; the other parts are noted by their kind.
    private Dictionary<string, string> Relations(string workbook)
    {
        Dictionary<string, string> sheets = new(StringComparer.Ordinal);
        var slash = workbook.LastIndexOf('/') + 1;
        using var part = OpenPart($"{workbook[..slash]}_rels/{workbook[slash..]}.rels");
        var count = 0;
        while (part.Read())
        {
            if (part is not { IsElement: true, Name: "Relationship" } || part["TargetMode"] == "External") continue;
            if (part["Id"] is not { } id || part["Target"] is not { } target || part["Type"] is not { } type) continue;
            if (++count > MaxFormats) throw WorkbookFault.Broken("it has too many relationships.");
            var kind = type[(type.LastIndexOf('/') + 1)..];
            var name = Resolve(workbook[..slash], target);
            if (kind == "worksheet") sheets[id] = name;
            else if (kind is "sharedStrings" or "styles") Parts[kind] = name;
        }

        return sheets;
    }

    private void ReadWorkbook(string workbook)
    {
        using var part = OpenPart(workbook);
        while (part.Read())
        {
            if (!part.IsElement) continue;
            if (part.Name == "workbookPr") Is1904 = part["date1904"] is "1" or "true" or "on";
            if (part.Name != "sheet" || part["name"] is not { } name) continue;
            if (part["id"] is not { } id || !_parts.TryGetValue(id, out var sheet)) continue;
            Sheets.Add((new Sheet(Shown(name), part["state"] is "hidden" or "veryHidden"), sheet));
            if (Sheets.Count > MaxSheets) throw WorkbookFault.Broken($"it has more than {MaxSheets} sheets.");
        }

        if (Sheets.Count == 0) throw WorkbookFault.Broken("it has no worksheet.");
    }

    private void ReadFormats()
    {
        if (!Parts.TryGetValue("styles", out var name)) return;
        using var part = OpenPart(name);
        Dictionary<int, CellForm> own = [];
        var styles = -1;
        while (part.Read())
        {
            if (part.Depth <= styles) styles = -1;
            if (!part.IsElement) continue;
            if (part.Name == "cellXfs") styles = part.Depth;
            if (part.Name == "numFmt" && int.TryParse(part["numFmtId"], out var id) && part["formatCode"] is { } code)
                own[id] = CellForms.Of(code);
            if (part.Name == "xf" && part.Depth == styles + 1 && styles >= 0)
            {
                _ = int.TryParse(part["numFmtId"], out var format);
                Forms.Add(own.TryGetValue(format, out var form) ? form : CellForms.OfKnown(format));
            }

            if (own.Count > MaxFormats || Forms.Count > MaxFormats) throw WorkbookFault.Broken("it has too many number formats.");
        }
    }

    /// <summary>The list of a ZIP archive's entries, which a reader of archives holds in memory.</summary>
    private static class ZipDirectory
    {
        private const int MaxBytes = 8 << 20;
        private const int EndBytes = 22;

        public static bool IsBounded(Stream file)
        {
            var tail = new byte[(int)Math.Min(file.Length, EndBytes + ushort.MaxValue)];
            file.Position = file.Length - tail.Length;
            file.ReadExactly(tail);
            file.Position = 0;
            var end = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);
            if (end < 0 || tail.Length - end < EndBytes) return false;
            var length = (long)BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 12));
            var offset = (long)BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
            var endOffset = file.Length - tail.Length + end;
            if (length == uint.MaxValue || offset == uint.MaxValue)
            {
                var locator = end - 20;
                if (locator < 0 || !tail.AsSpan(locator).StartsWith("PK\x06\x07"u8)) return false;
                var at = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(locator + 8));
                var record = new byte[56];
                if (at < 0 || at > file.Length - record.Length) return false;
                file.Position = at;
                file.ReadExactly(record);
                file.Position = 0;
                offset = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48));
            }

            // The reader goes on until entries end, whatever their number is said to be.
            if (offset <= endOffset && endOffset - offset <= MaxBytes) return true;
            throw WorkbookFault.Broken("it has too many parts.");
        }
    }
}
