namespace Driftwood.FaultTests.Campaign;

/// <summary>The contacts of one account, indexed by every value that finds them.</summary>
internal sealed class ContactBook
{
    private const int Examples = 4;

    private readonly HashSet<Contact> _all = [];
    private readonly Dictionary<Guid, Contact> _byId = [];
    private readonly Dictionary<string, Contact> _byEmail = [];
    private readonly Dictionary<string, Contact> _byExternalId = [];

    public ContactBook(IEnumerable<Contact> contacts)
    {
        foreach (var contact in contacts) Add(contact);
    }

    public int Count => _all.Count;

    public IReadOnlyCollection<Contact> All => _all;

    public bool Has(Guid id) => _byId.ContainsKey(id);

    public Contact? ById(Guid id) => _byId.GetValueOrDefault(id);

    public Contact? ByEmail(string? email) => email is null ? null : _byEmail.GetValueOrDefault(email.ToLowerInvariant());

    public Contact? ByExternalId(string? externalId) => externalId is null ? null : _byExternalId.GetValueOrDefault(externalId);

    public ContactBook Copy() => new(_all.Select(contact => contact.Copy()));

    public void Add(Contact contact)
    {
        _all.Add(contact);
        if (contact.Id is { } id) _byId[id] = contact;
        if (contact.EmailKey is { } email) _byEmail[email] = contact;
        if (contact.ExternalId is { } externalId) _byExternalId[externalId] = contact;
    }

    public void Remove(Contact contact)
    {
        _all.Remove(contact);
        if (contact.Id is { } id) _byId.Remove(id);
        if (contact.EmailKey is { } email) _byEmail.Remove(email);
        if (contact.ExternalId is { } externalId) _byExternalId.Remove(externalId);
    }

    public void Replace(Contact before, Contact after)
    {
        Remove(before);
        Add(after);
    }

    /// <summary>
    /// Lists how another list of contacts differs from this one: one line per kind of difference, with a few examples. The list is
    /// empty when both are alike.
    /// </summary>
    /// <param name="found">The stored contacts.</param>
    /// <param name="known">The contacts before the job. All other ids are new.</param>
    public IReadOnlyList<string> Differences(IReadOnlyCollection<Contact> found, ContactBook known)
    {
        var surplus = _all.CountBy(contact => contact.Show(known)).ToDictionary();
        foreach (var shown in found.Select(contact => contact.Show(known))) surplus[shown] = surplus.GetValueOrDefault(shown) - 1;
        var wrong = surplus.Where(line => line.Value != 0).ToList();
        if (wrong.Count == 0) return [];
        return
        [
            $"{found.Count} contacts, expected {Count}; {wrong.Count} differ",
            .. wrong.Take(Examples)
                .Select(line => line.Value > 0 ? $"{line.Value} missing: {line.Key}" : $"{-line.Value} too many: {line.Key}"),
        ];
    }
}
