using System.Text.Json;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Api.Features.Records;

internal static class RecordsUpdate
{
    internal sealed record Request : IOfRecordType
    {
        public required string RecordType { get; init; }

        public required Guid Id { get; init; }

        /// <summary>The fields to change. Null blanks a field; absent fields stay unchanged.</summary>
        public required Dictionary<string, JsonElement> Fields { get; init; }
    }

    public static Task<StoredRecord> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordStore records, DriftwoodDb db,
            CancellationToken cancellationToken) =>
        RecordTypeOfRequest.WriteAsync(
            () => types.OfAsync(db, caller, request, cancellationToken),
            type => UpdateAsync(type, request.Id, request.Fields, "fields.", [], caller, records, db, cancellationToken));

    /// <summary>The handler of the type's own route. Its request has the id and, beside it, the fields.</summary>
    public static Delegate Of(RecordType type) =>
        async (Dictionary<string, JsonElement> request, Caller caller, RecordTypeCatalog types, RecordStore records, DriftwoodDb db,
            CancellationToken cancellationToken) =>
        {
            List<Fault> problems = [];
            var id = ReadId(request, problems);
            var fields = request.Where(member => member.Key != "id");
            return await RecordTypeOfRequest.WriteAsync(
                () => types.OfAsync(db, caller, type, cancellationToken),
                current => UpdateAsync(current, id, fields, "", problems, caller, records, db, cancellationToken));
        };

    private static async Task<StoredRecord> UpdateAsync(
        RecordType type,
        Guid id,
        IEnumerable<KeyValuePair<string, JsonElement>> fields,
        string path,
        IReadOnlyList<Fault> problems,
        Caller caller,
        RecordStore records,
        DriftwoodDb db,
        CancellationToken cancellationToken)
    {
        List<Fault> faults = [];
        var values = RecordJson.Read(type, fields, faults);
        RecordFaults.ThrowIfAny(faults, path, problems);
        var updated = await records.UpdateAsync(
            db.Connection(), type, caller.AccountId, caller.UserId, id, values, cancellationToken);
        RecordFaults.ThrowIfAny(updated.Faults, path);
        return updated.Record ?? throw RecordFaults.NotFound(type, id);
    }

    private static Guid ReadId(Dictionary<string, JsonElement> request, List<Fault> problems)
    {
        const string Expected = "a uuid such as 550e8400-e29b-41d4-a716-446655440000";
        if (!request.TryGetValue("id", out var member))
        {
            problems.Add(new Fault("id", "required", $"Missing: expected {Expected}."));
            return Guid.Empty;
        }

        var isText = member.ValueKind == JsonValueKind.String;
        if (isText && member.TryGetGuid(out var id)) return id;
        problems.Add(new Fault("id", isText ? "invalid_uuid" : "wrong_type", $"Found {Found.Describe(member)}, expected {Expected}."));
        return Guid.Empty;
    }
}
