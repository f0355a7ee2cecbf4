using System.Globalization;
using System.Text.Json.Serialization;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Imports.Outcomes;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsWarnings
{
    public static readonly Page<Item> Example = new(
        [
            new Item(
                42, 44, "Company", "company_name", "company_not_found",
                "No company has this domain or name; the contact is not linked.", "Acme Corp", null),
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

    /// <summary>One row that was applied only in part, with its first such column.</summary>
    /// <param name="RowNumber">The number among the data records, from 1; header and blank lines are not counted.</param>
    /// <param name="LineNumber">The physical line of the file, from 1.</param>
    /// <param name="Column">The column's name. Null if the value is a constant of the import.</param>
    /// <param name="Field">The field that the column is mapped to.</param>
    /// <param name="Code">
    /// date_without_year, multiple_values, company_not_found, company_ambiguous or company_not_creatable.
    /// </param>
    /// <param name="Message">The missing part, in words for people.</param>
    /// <param name="Value">The cell, cut to 500 characters.</param>
    /// <param name="Also">The row's other such columns; left out where there are none.</param>
    internal sealed record Item(
        long RowNumber, long LineNumber, string? Column, string Field, string Code, string Message, string Value,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<BadColumn>? Also =
            null);

    public static async Task<Page<Item>> HandleAsync(
        Request request, Caller caller, ImportReader imports, DriftwoodDb db, CancellationToken cancellationToken)
    {
        await imports.RequireAsync(caller, request.Id, cancellationToken);
        var list = $"imports-warnings {request.Id}";
        var after = Cursor.ReadNumber(caller, list, request.Cursor) ?? 0;
        var rows = await db.RowWarnings.AsNoTracking()
            .Where(warning => warning.AccountId == caller.AccountId && warning.JobId == request.Id && warning.RowNumber > after)
            .OrderBy(warning => warning.RowNumber)
            .Take(request.FetchCount())
            .Select(warning => new Item(
                warning.RowNumber, warning.LineNumber, warning.ColumnName, warning.Field, warning.Code, warning.Message, warning.Value,
                warning.Also == null ? null : RowFaultText.Also(warning.Also)))
            .ToListAsync(cancellationToken);
        return rows.ToPage(request, last => Cursor.Write(caller, list, last.RowNumber.ToString(CultureInfo.InvariantCulture)));
    }
}
