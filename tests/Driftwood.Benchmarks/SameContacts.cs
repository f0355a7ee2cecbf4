using Driftwood.Engine.Records.Types;

namespace Driftwood.Benchmarks;

/// <summary>Checks that both sides did the same work. Otherwise the figures mean nothing.</summary>
internal static class SameContacts
{
    /// <summary>
    /// Requires that two accounts have the same contacts, except for the values that the sides choose: ids, users and times.
    /// </summary>
    /// <exception cref="InvalidOperationException">The contacts differ, or their number is wrong.</exception>
    public static async Task RequireAsync(BenchmarkDatabase database, Account one, Account other, long count)
    {
        const string counted = "select count(*) from contacts where account_id = $1";
        var (ofOne, ofOther) = (await database.CountAsync(counted, one.Id), await database.CountAsync(counted, other.Id));
        var columns = string.Join(
            ", ", RecordTypes.Contacts.Columns.SelectMany(field => new[] { field.Key, field.KeyColumn }).OfType<string>()
            .Append("custom, tags, tag_keys"));
        // The e-mails in each account are distinct, so no contact matches two.
        var different = await database.CountAsync(
            $"select count(*) from (select {columns} from contacts where account_id = $1 except select {columns} from contacts where "
                + $"account_id = $2) different", one.Id, other.Id);
        if (ofOne != count || ofOther != count || different != 0)
        {
            throw new InvalidOperationException(
                $"Expected {count} contacts in both accounts, found {ofOne} and {ofOther}, of which {different} differ.");
        }
    }
}
