using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Driftwood.Data;

/// <summary>
/// A transaction of a <see cref="DriftwoodDb"/> that has one session or fails. By itself Entity Framework opens a new connection
/// where the old one is lost, and goes on there without the transaction: what was written before is gone, and what comes after
/// stays whatever becomes of the rest.
/// </summary>
public sealed class UnitOfWork : IAsyncDisposable
{
    private readonly DriftwoodDb _db;
    private readonly IDbContextTransaction _transaction;

    private UnitOfWork(DriftwoodDb db, IDbContextTransaction transaction) => (_db, _transaction) = (db, transaction);

    internal static async Task<UnitOfWork> BeginAsync(DriftwoodDb db, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        var transaction = await db.Database.BeginTransactionAsync(isolation, cancellationToken);
        db.HasUnitOfWork = true;
        return new UnitOfWork(db, transaction);
    }

    /// <exception cref="NpgsqlException">The session was lost; nothing of the unit is there, unless it was lost in the commit
    /// itself.</exception>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _transaction.CommitAsync(cancellationToken);
        }
        catch (InvalidOperationException lost) when (_db.Database.GetDbConnection().State != ConnectionState.Open)
        {
            throw Lost(lost);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _db.HasUnitOfWork = false;
        await _transaction.DisposeAsync();
    }

    private static NpgsqlException Lost(Exception? cause) =>
        new("The connection was lost in the middle of a transaction.", new IOException("The session has ended.", cause));

    /// <summary>Refuses to open a connection in the middle of a unit of work.</summary>
    internal sealed class OneSession : DbConnectionInterceptor
    {
        public override InterceptionResult ConnectionOpening(
            DbConnection connection, ConnectionEventData eventData, InterceptionResult result) =>
            eventData.Context is DriftwoodDb { HasUnitOfWork: true } ? throw Lost(null) : result;

        public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
            DbConnection connection, ConnectionEventData eventData, InterceptionResult result,
                CancellationToken cancellationToken = default) =>
            eventData.Context is DriftwoodDb { HasUnitOfWork: true } ? throw Lost(null) : ValueTask.FromResult(result);
    }
}
