using System.Globalization;
using System.Text.Json;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsErrors
{
    public static readonly Page<Item> Example = new(
        [
            new Item(
                17, 19, "Email", "email", "invalid_email", "Not an e-mail address; expected one such as jane@example.com.",
                "jane@@example", []),
        ],
        null);

    internal sealed record Request : IPaged
    {
        public required Guid Id { get; init; }
        public string? Cursor { get; init; }
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    /// <summary>One failed row, with its first bad column.</summary>
    /// <param name="RowNumber">Data records from 1, header and blank lines not counted.</param>
    /// <param name="LineNumber">Physical line of the file, from 1.</param>
    /// <param name="Column">The column's name; null where the row as a whole is at fault.</param>
    /// <param name="Field">What the column is mapped to.</param>
    /// <param name="Code">A stable word.</param>
    /// <param name="Message">What was expected.</param>
    /// <param name="Value">The cell, cut to 500 characters.</param>
    /// <param name="Also">Further bad columns of the row.</param>
    internal sealed record Item(
        long RowNumber, long LineNumber, string? Column, string? Field, string Code, string Message, string? Value,
        IReadOnlyList<BadColumn> Also);

    internal sealed record BadColumn(string? Column, string? Field, string Code, string Message, string? Value);

    public static async Task<Page<Item>> HandleAsync(
        Request request, Caller caller, ImportReader imports, DriftwoodDb db, CancellationToken cancellationToken)
    {
        await imports.RequireAsync(caller, request.Id, cancellationToken);
        var list = $"imports-errors {request.Id}";
        var after = Cursor.ReadNumber(caller, list, request.Cursor) ?? 0;
        var rows = await db.RowErrors.AsNoTracking()
            .Where(error => error.AccountId == caller.AccountId && error.JobId == request.Id && error.RowNumber > after)
            .OrderBy(error => error.RowNumber)
            .Take(request.FetchCount())
            .Select(row => new Item(
                row.RowNumber, row.LineNumber, row.ColumnName, row.Field, row.Code, row.Message, row.Value, Also(row.Also)))
            .ToListAsync(cancellationToken);
        return rows
            .ToPage(request, last => Cursor.Write(caller, list, last.RowNumber.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Further bad columns, from what is stored of them.</summary>
    public static List<BadColumn> Also(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<List<BadColumn>>(json, WireJson.Options) ?? [];
}
