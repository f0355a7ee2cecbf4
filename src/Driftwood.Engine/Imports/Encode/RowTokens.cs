using Driftwood.Engine.Imports.Plan;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>The hashes by which the current row depends on others; 0 for a blank value. Each row has the same number of them.</summary>
internal sealed class RowTokens(ImportPlan plan)
{
    // Rows that change companies share it.
    private const ulong AllCompanies = 2;

    // Keep domains and names of companies apart. Match keys have the seed 0, other unique values 1, 2, ….
    private const ulong CompanyDomainSeed = 3_000;
    private const ulong CompanyNameSeed = 3_001;

    private readonly MappedColumn? _match = plan.Match;
    private readonly MappedColumn[] _compared = [.. plan.Compared]; // an interface's enumerator would be an allocation for every row
    private readonly ulong[] _keys = new ulong[(plan.Match is null ? 0 : 1) + plan.Compared.Count()];
    private readonly ulong[] _company = plan.ChangesCompanies ? [AllCompanies] : new ulong[plan.MakesCompanies ? 2 : 0];

    /// <summary>The tokens of the row's match key, then of its other keys.</summary>
    public ReadOnlySpan<ulong> Keys => _keys;

    /// <summary>
    /// The tokens of the domain and the name of the row's company, if companies may be created. If they may be changed, all rows have one
    /// token: whether two rows name one company is not known before it is looked up. Otherwise empty.
    /// </summary>
    public ReadOnlySpan<ulong> Company => _company;

    public void Clear() => Array.Clear(_keys);

    /// <summary>Sets the token of a column's match key.</summary>
    public void SetKey(MappedColumn column, ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return;
        if (ReferenceEquals(column, _match)) _keys[0] = KeyHash.Of(key);
        for (var i = 0; i < _compared.Length; i++)
        {
            if (ReferenceEquals(_compared[i], column)) _keys[_keys.Length - _compared.Length + i] = KeyHash.Of(key, (ulong)i + 1);
        }
    }

    /// <summary>Sets the token of the company's domain.</summary>
    public void SetDomain(ReadOnlySpan<byte> key) => SetCompany(0, key, CompanyDomainSeed);

    /// <summary>Sets the token of the company's name.</summary>
    public void SetName(ReadOnlySpan<byte> key) => SetCompany(1, key, CompanyNameSeed);

    private void SetCompany(int index, ReadOnlySpan<byte> key, ulong seed)
    {
        if (_company.Length > 1) _company[index] = key.IsEmpty ? 0 : KeyHash.Of(key, seed);
    }
}
