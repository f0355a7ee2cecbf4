using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Types;

/// <summary>Makes fields unique while records exist, or ends that. The caller holds the type's lock.</summary>
internal static class Uniqueness
{
    /// <summary>From now on, the records' values of the field are unique.</summary>
    /// <param name="member">The member of the request: <c>unique</c> or <c>name_is_unique</c>.</param>
    /// <param name="field">The field in its new state.</param>
    /// <exception cref="ApiException">409 <c>duplicate_values</c> or <c>too_long</c>, naming the first of them; then nothing is
    /// changed.</exception>
    public static async Task BeginAsync(
        DriftwoodDb db, Caller caller, RecordType type, Field field, string member, CancellationToken cancellationToken)
    {
        var conflicts = await UniqueValues.EnterAsync(db.Connection(), caller.AccountId, type, field, cancellationToken);
        if (conflicts.Count == 0) return;
        var most = UniqueValues.MaxListed;
        var (code, message) = conflicts[0].IsTooLong
            ? (ErrorCodes.TooLong,
                $"Records of {type.Key} have values of {field.Key} with more than {CustomFields.MaxUniqueLength} characters, the most that "
                + $"a unique one may have; the first {most} are listed.")
            : (ErrorCodes.DuplicateValues,
                $"Several records of {type.Key} have the same value of {field.Key}; the commonest {most} are listed. Mend the records "
                + $"first.");
        throw new ApiException(code, message) { Details = [.. conflicts.Select(conflict => ToDetail(member, conflict))] };
    }

    /// <summary>From now on, records may share values of the field.</summary>
    public static Task EndAsync(DriftwoodDb db, Caller caller, Guid uniqueId, CancellationToken cancellationToken) =>
        UniqueValues.RemoveAsync(db.Connection(), caller.AccountId, uniqueId, cancellationToken);

    private static Fault ToDetail(string member, UniqueConflict conflict)
    {
        var value = Found.Describe(conflict.Value);
        var records = string.Join(", ", conflict.RecordIds);
        return conflict.IsTooLong
            ? new Fault(member, "too_long", $"{value} in record {records}.")
            : new Fault(
                member, "duplicate_value",
                $"{value} in {conflict.Records} records: {records}{(conflict.Records > conflict.RecordIds.Count ? ", …" : "")}.");
    }
}
