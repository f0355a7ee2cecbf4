namespace Driftwood.FaultTests.Campaign;

/// <summary>Reads an account's contacts as they are stored.</summary>
internal static class ContactTable
{
    public static Task<List<Contact>> ReadContactsAsync(this Observer observer, Guid account) => observer.ReadAsync(
        "select id, email, external_id, first_name, city, tags from contacts where account_id = @account",
        reader => new Contact
        {
            Id = reader.GetGuid(0),
            Email = Text(reader, 1),
            ExternalId = Text(reader, 2),
            FirstName = Text(reader, 3),
            City = Text(reader, 4),
            Tags = reader.GetFieldValue<string[]>(5),
        },
        ("account", account));

    /// <summary>A digest of every column of an account's contacts, and of the transactions that wrote them.</summary>
    public static Task<string> DigestAsync(this Observer observer, Guid account) => observer.ReadOneAsync(
        "select coalesce(md5(string_agg(c.xmin || ' ' || c::text, e'\\n' order by c.id)), '') from contacts c where c.account_id = "
            + "@account",
        reader => reader.GetString(0), ("account", account));

    /// <summary>Finds flaws that no account may ever have: a key twice, or a key that does not belong to its value.</summary>
    public static Task<List<string>> FlawsAsync(this Observer observer, Guid account) => observer.ReadAsync(
        """
        select 'e-mail twice: ' || email_key from contacts where account_id = @account and email_key is not null group by email_key
            having count(*) > 1
        union all
        select 'external ID twice: ' || external_id_key from contacts where account_id = @account and external_id_key is not null
            group by external_id_key having count(*) > 1
        union all
        select 'wrong key: ' || id from contacts where account_id = @account and email_key is distinct from lower(email)
        union all
        select 'not listed by updated_at: ' || id from contacts c where account_id = @account and not exists (
            select from latest_changes l
            where l.account_id = c.account_id and l.record_type = 'contacts' and l.updated_at = c.updated_at and c.id = any (l.record_ids))
        """,
        reader => reader.GetString(0), ("account", account));

    private static string? Text(Npgsql.NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
