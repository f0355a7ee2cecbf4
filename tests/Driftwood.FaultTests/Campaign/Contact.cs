namespace Driftwood.FaultTests.Campaign;

/// <summary>A contact as the oracle knows it: the fields that the campaign's jobs write, null where blank.</summary>
internal sealed class Contact
{
    /// <summary>Null for one that a job is to make.</summary>
    public Guid? Id { get; init; }

    public string? Email { get; set; }

    public string? ExternalId { get; set; }

    public string? FirstName { get; set; }

    public string? City { get; set; }

    /// <summary>In lower case, each once; never changed in place.</summary>
    public string[] Tags { get; set; } = [];

    public string? EmailKey => Email?.ToLowerInvariant();

    /// <summary>Of e-mail, external ID, names and phone one must be there.</summary>
    public bool SaysWho => Email is not null || ExternalId is not null || FirstName is not null;

    public Contact Copy() => (Contact)MemberwiseClone();

    public void AddTags(IEnumerable<string> tags) => Tags = [.. Tags.Union(tags, StringComparer.Ordinal)];

    /// <summary>All of it, ids that are not known as <c>new</c>.</summary>
    public string Show(ContactBook known) =>
        $"{(Id is { } id && known.Has(id) ? id.ToString() : "new")} {Email ?? "-"} {ExternalId ?? "-"} {FirstName ?? "-"} {City ?? "-"} "
            + $"[{string.Join(' ', Tags)}]";
}
