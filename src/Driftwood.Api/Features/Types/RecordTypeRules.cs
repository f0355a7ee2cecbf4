using System.Text.RegularExpressions;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Types;

/// <summary>Rules for the keys and names of record types.</summary>
internal static partial class RecordTypeRules
{
    /// <summary>The nouns of the API's own routes.</summary>
    private static readonly string[] Reserved =
    [
        .. RecordTypes.BuiltIn.Select(type => type.Key),
        "records", "custom_records", "record_types", "fields", "tags", "imports", "import_profiles", "bulk_jobs", "jobs", "uploads",
            "tokens", "users", "accounts", "account_settings", "audit", "me",
    ];

    /// <summary>The fault of a key; null when there is none.</summary>
    public static Fault? KeyFault(string key) => key switch
    {
        _ when !Key().IsMatch(key) => new Fault(
            "key", "invalid_key",
                $"Found {Found.Describe(key)}, expected lower-case letters, digits and _ such as support_tickets, a letter first, at most "
                + $"63 characters."),
        _ when Reserved.Contains(key) =>
            new Fault("key", "reserved", $"{key} is a word of the API's own; expected none of {string.Join(", ", Reserved)}."),
        _ => null,
    };

    /// <summary>
    /// Makes an account's creates and renames of types wait for each other until the transaction ends. A new name, or one more type, is
    /// allowed or not depending on all the other types.
    /// </summary>
    public static Task LockNamesAsync(DriftwoodDb db, Caller caller, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"select pg_advisory_xact_lock(hashtextextended({"record-types " + caller.AccountId}, 0))", cancellationToken);

    /// <summary>Queries find types by key and by name. Neither may belong to another type, compared without case and white space.</summary>
    /// <exception cref="ApiException">409 <c>already_exists</c>.</exception>
    public static async Task RequireFreeAsync(DriftwoodDb db, Caller caller, string key, string name, CancellationToken cancellationToken)
    {
        var own = await db.OwnTypes(caller).AsNoTracking().Where(type => type.Key != key).Select(type => new { type.Key, type.Name })
            .ToListAsync(cancellationToken);
        var others = own.Select(type => (type.Key, type.Name)).Concat(RecordTypes.BuiltIn.Select(type => (type.Key, Name: type.Label)));
        foreach (var other in others)
        {
            if (IsSame(name, other.Name) || IsSame(name, other.Key))
            {
                throw new ApiException(
                    ErrorCodes.AlreadyExists, $"The record type {other.Key} already has the name or key {Found.Describe(name)}.");
            }
            if (IsSame(key, other.Name))
            {
                throw new ApiException(
                    ErrorCodes.AlreadyExists, $"The record type {other.Key} already has the name {Found.Describe(other.Name)}.");
            }
        }
    }

    private static bool IsSame(string one, string other) => MatchKeys.Of(MatchKeyKind.Name, one) == MatchKeys.Of(MatchKeyKind.Name, other);

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,62}\z")]
    private static partial Regex Key();
}
