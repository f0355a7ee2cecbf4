using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Driftwood.Api.Features.Types;

/// <summary>
/// Changes record types and their fields, each in one transaction. The transaction first waits for the writers of the type's records,
/// then keeps them out, and gives the type a new version.
/// </summary>
internal static class RecordSchemas
{
    /// <summary>The connection of the request's transaction.</summary>
    public static NpgsqlConnection Connection(this DriftwoodDb db) => (NpgsqlConnection)db.Database.GetDbConnection();

    /// <summary>Keeps writers of the type's records, and other changes of the type, out until the transaction ends.</summary>
    public static async Task LockSchemaAsync(this DriftwoodDb db, Caller caller, string recordType, CancellationToken cancellationToken)
    {
        // A chunk takes about a second. Nobody waits longer than this limit, neither the caller nor the writers behind it.
        await db.Database.ExecuteSqlAsync($"set local lock_timeout = '10s'", cancellationToken);
        await RecordSchemaLock.TakeAsync(db.Connection(), caller.AccountId, recordType, cancellationToken);
    }

    /// <summary>Takes a slot that no field of the type ever had. It also gives the type a new version.</summary>
    public static async Task<int> TakeSlotAsync(this DriftwoodDb db, Caller caller, string recordType, CancellationToken cancellationToken)
    {
        var slots = await db.Database.SqlQuery<int>($"""
            insert into record_schemas (account_id, record_type, next_slot) values ({caller.AccountId}, {recordType}, 2)
            on conflict (account_id, record_type) do update
                set version = excluded.version, next_slot = record_schemas.next_slot + 1
            returning next_slot - 1 as "Value"
            """).ToListAsync(cancellationToken);
        return slots[0];
    }

    /// <summary>Makes everybody read the type again. It must be the last change of the transaction: types are cached by version.</summary>
    public static Task RenewVersionAsync(this DriftwoodDb db, Caller caller, string recordType, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"""
            insert into record_schemas (account_id, record_type) values ({caller.AccountId}, {recordType})
            on conflict (account_id, record_type) do update set version = excluded.version
            """, cancellationToken);
}
