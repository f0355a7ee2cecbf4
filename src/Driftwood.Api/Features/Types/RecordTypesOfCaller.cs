using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Types;

/// <summary>The record types of the caller's account, as requests name them.</summary>
internal static class RecordTypesOfCaller
{
    /// <summary>The type with that key.</summary>
    /// <param name="types">The catalog of record types.</param>
    /// <param name="caller">The caller, whose account owns the type.</param>
    /// <param name="key">The type's name in the request.</param>
    /// <param name="member">The member that names it, such as <c>record_type</c>.</param>
    /// <param name="cancellationToken">Stops the lookup.</param>
    /// <exception cref="ApiException">422 with the existing types.</exception>
    public static async Task<RecordType> RequireAsync(
        this RecordTypeCatalog types, Caller caller, string key, string member, CancellationToken cancellationToken) =>
        await types.FindAsync(caller.AccountId, key, cancellationToken)
            ?? throw Unknown(key, member, await types.ListAsync(caller.AccountId, cancellationToken));

    /// <summary>
    /// The same inside the request's transaction, on its connection. Requests that hold one connection and wait for a second can all wait
    /// for ever, once they hold all connections.
    /// </summary>
    /// <exception cref="ApiException">422 with the existing types.</exception>
    public static async Task<RecordType> RequireAsync(
        this RecordTypeCatalog types, DriftwoodDb db, Caller caller, string key, string member, CancellationToken cancellationToken)
    {
        var connection = db.Connection();
        return await types.FindAsync(connection, caller.AccountId, key, cancellationToken)
            ?? throw Unknown(key, member, await types.ListAsync(connection, caller.AccountId, cancellationToken));
    }

    /// <summary>
    /// The value must be the key of one of the caller's record types; null passes. Uses the connection of the
    /// transaction that the rules run in, if there is one.
    /// </summary>
    public static IRuleBuilderOptionsConditions<T, string?> RecordTypeKey<T>(this IRuleBuilder<T, string?> rule) =>
        rule.CustomAsync(async (key, context, cancellationToken) =>
        {
            if (key is null || RecordTypes.Find(key) is not null) return;
            var http = ValidationFilter.HttpOf(context);
            var types = http.RequestServices.GetRequiredService<RecordTypeCatalog>();
            var account = Caller.Of(http).AccountId;
            var connection = ValidationFilter.ConnectionOf(context);
            var found = connection is null
                ? await types.FindAsync(account, key, cancellationToken)
                : await types.FindAsync(connection, account, key, cancellationToken);
            if (found is not null) return;
            var (message, accepted) = Unknown(key, connection is null
                ? await types.ListAsync(account, cancellationToken)
                : await types.ListAsync(connection, account, cancellationToken));
            context.Fail(context.PropertyPath, "invalid_choice", message, accepted);
        });

    private static ApiException Unknown(string key, string member, IReadOnlyList<RecordType> types)
    {
        var (message, accepted) = Unknown(key, types);
        return ApiException.Validation(member, "invalid_choice", message, accepted);
    }

    private static (string Message, string[] Accepted) Unknown(string key, IReadOnlyList<RecordType> types)
    {
        string[] accepted = [.. types.Select(each => each.Key)];
        return ($"Found {Found.Describe(key)}, expected one of {string.Join(", ", accepted)}.", accepted);
    }

    /// <summary>The type of a job, which may have been deleted since.</summary>
    /// <exception cref="ApiException">409.</exception>
    public static async Task<RecordType> RequireStillAsync(
        this RecordTypeCatalog types, Caller caller, string key, CancellationToken cancellationToken) =>
        await types.FindAsync(caller.AccountId, key, cancellationToken) ?? throw Gone(key);

    /// <summary>The same inside the request's transaction.</summary>
    /// <exception cref="ApiException">409.</exception>
    public static async Task<RecordType> RequireStillAsync(
        this RecordTypeCatalog types, DriftwoodDb db, Caller caller, string key, CancellationToken cancellationToken) =>
        await types.FindAsync(db.Connection(), caller.AccountId, key, cancellationToken) ?? throw Gone(key);

    /// <summary>The same, as files of its records fill it: contacts come with the account's companies.</summary>
    /// <exception cref="ApiException">409.</exception>
    public static async Task<RecordType> RequireForImportAsync(
        this RecordTypeCatalog types, DriftwoodDb db, Caller caller, string key, CancellationToken cancellationToken)
    {
        var type = await types.RequireStillAsync(db, caller, key, cancellationToken);
        return await types.WithCompaniesAsync(db.Connection(), caller.AccountId, type, cancellationToken);
    }

    /// <inheritdoc cref="RequireForImportAsync(RecordTypeCatalog, DriftwoodDb, Caller, string, CancellationToken)"/>
    public static async Task<RecordType> RequireForImportAsync(
        this RecordTypeCatalog types, Caller caller, string key, CancellationToken cancellationToken)
    {
        var type = await types.RequireStillAsync(caller, key, cancellationToken);
        return await types.WithCompaniesAsync(caller.AccountId, type, cancellationToken);
    }

    private static ApiException Gone(string key) => ApiException.InvalidState($"The record type {key} is no longer there.");
}
