namespace Driftwood.LocalPostgres;

/// <summary>A line of <c>/etc/passwd</c>.</summary>
internal sealed record UserEntry(string Name, string Uid, string Gid)
{
    public static async Task<List<UserEntry>> ReadAllAsync(CancellationToken ct)
    {
        const string file = "/etc/passwd";
        if (!File.Exists(file)) return [];
        return [.. from line in await File.ReadAllLinesAsync(file, ct)
                   let fields = line.Split(':')
                   where fields.Length >= 4 && fields[2] != "0"
                   select new UserEntry(fields[0], fields[2], fields[3])];
    }
}
