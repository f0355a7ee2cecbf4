namespace Driftwood.FaultTests.Campaign;

/// <summary>A contact as the oracle knows it. It has the fields that the campaign's jobs write; a blank field is null.</summary>
internal sealed class Contact
{
    /// <summary>Null for a contact that a job will make.</summary>
    public Guid? Id { get; init; }

    public string? Email { get; set; }

    public string? ExternalId { get; set; }

    public string? FirstName { get; set; }

    public string? City { get; set; }

    /// <summary>The tags in lower case, each once. The array is never changed in place.</summary>
    public string[] Tags { get; set; } = [];

    public string? EmailKey => Email?.ToLowerInvariant();

    /// <summary>A contact needs at least one of e-mail, external ID, names and phone.</summary>
    public bool SaysWho => Email is not null || ExternalId is not null || FirstName is not null;

    public Contact Copy() => (Contact)MemberwiseClone();

    /// <summary>Whether another contact has the same values.</summary>
    public bool HasValuesOf(Contact other) =>
        (Email, ExternalId, FirstName, City) == (other.Email, other.ExternalId, other.FirstName, other.City)
        && Tags.SequenceEqual(other.Tags);

    public void AddTags(IEnumerable<string> tags) => Tags = [.. Tags.Union(tags, StringComparer.Ordinal)];

    /// <summary>Shows all fields. An id that <paramref name="known"/> does not have is shown as <c>new</c>.</summary>
    public string Show(ContactBook known) =>
        $"{(Id is { } id && known.Has(id) ? id.ToString() : "new")} {Email ?? "-"} {ExternalId ?? "-"} {FirstName ?? "-"} {City ?? "-"} "
            + $"[{string.Join(' ', Tags)}]";
}
