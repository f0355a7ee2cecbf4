namespace Driftwood.Api.Features.Compat;

/// <summary>The accounts that may use a service's routes, as its setting <c>Accounts</c> lists them.</summary>
internal sealed class CompatAccounts
{
    private readonly bool _all;
    private readonly HashSet<Guid> _ids;

    private CompatAccounts(bool all, HashSet<Guid> ids) => (_all, _ids) = (all, ids);

    /// <summary>Whether the account is among them.</summary>
    public bool Include(Guid account) => _all || _ids.Contains(account);

    /// <param name="setting"><c>*</c> for all accounts, or ids with commas between; null or empty for none.</param>
    /// <exception cref="FormatException">An entry is not an id.</exception>
    public static CompatAccounts Read(string? setting)
    {
        var entries = (setting ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (entries is ["*"]) return new CompatAccounts(true, []);
        return new CompatAccounts(false, [.. entries.Select(ReadId)]);
    }

    private static Guid ReadId(string entry) =>
        Guid.TryParse(entry, out var id)
            ? id
            : throw new FormatException($"Accounts must be * or account ids with commas between; found {entry}.");
}
