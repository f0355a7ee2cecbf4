using System.Globalization;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Imports.Outcomes;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsErrors
{
    public static readonly Page<Item> Example = new(
        [
            new Item(
                17, 19, "Email", "email", "invalid_email",
                "Found jane@@example, which is not an e-mail address; expected one such as jane@example.com.", "jane@@example", []),
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
    /// <param name="RowNumber">The number among the data records, from 1; header and blank lines are not counted.</param>
    /// <param name="LineNumber">The physical line of the file, from 1.</param>
    /// <param name="Column">The column's name; null if the whole row is at fault.</param>
    /// <param name="Field">The field that the column is mapped to.</param>
    /// <param name="Code">A stable word.</param>
    /// <param name="Message">The expected value, in words for people.</param>
    /// <param name="Value">The cell, cut to 500 characters.</param>
    /// <param name="Also">The row's other bad columns.</param>
    internal sealed record Item(
        long RowNumber, long LineNumber, string? Column, string? Field, string Code, string Message, string? Value,
        IReadOnlyList<BadColumn> Also);

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
                row.RowNumber, row.LineNumber, row.ColumnName, row.Field, row.Code, row.Message, row.Value, RowFaultText.Also(row.Also)))
            .ToListAsync(cancellationToken);
        return rows
            .ToPage(request, last => Cursor.Write(caller, list, last.RowNumber.ToString(CultureInfo.InvariantCulture)));
    }
}
