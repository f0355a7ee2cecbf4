using System.Text.Json;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Api.Features.Records;

internal static class RecordsCreate
{
    internal sealed record Request : IOfRecordType
    {
        public required string RecordType { get; init; }

        /// <summary>The record's fields by their keys, as on the type's own route.</summary>
        public required Dictionary<string, JsonElement> Fields { get; init; }
    }

    public static async Task<StoredRecord> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordStore records, DriftwoodDb db,
            CancellationToken cancellationToken) =>
        await CreateAsync(
            await types.OfAsync(db, caller, request, cancellationToken), request.Fields, "fields.", caller, records, db, cancellationToken);

    /// <summary>The handler of the type's own route. Its request consists of the fields.</summary>
    public static Delegate Of(RecordType type) =>
        async (Dictionary<string, JsonElement> request, Caller caller, RecordTypeCatalog types, RecordStore records, DriftwoodDb db,
            CancellationToken cancellationToken) =>
            await CreateAsync(
                await types.OfAsync(db, caller, type, cancellationToken), request, "", caller, records, db, cancellationToken);

    private static async Task<StoredRecord> CreateAsync(
        RecordType type,
        Dictionary<string, JsonElement> fields,
        string path,
        Caller caller,
        RecordStore records,
        DriftwoodDb db,
        CancellationToken cancellationToken)
    {
        List<Fault> faults = [];
        var values = RecordJson.ReadNew(type, fields, faults);
        RecordFaults.ThrowIfAny(faults, path);
        var connection = db.Connection();
        var created = await records.CreateAsync(connection, type, caller.AccountId, caller.UserId, values, cancellationToken);
        RecordFaults.ThrowIfAny(created.Faults, path);
        return created.Record!;
    }
}
