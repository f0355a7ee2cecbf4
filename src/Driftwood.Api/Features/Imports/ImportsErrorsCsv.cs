using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Imports.Outcomes;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsErrorsCsv
{
    public const string ContentType = "text/csv; charset=utf-8";

    public const string Example =
        "Name,Email,Phone,_row,_code,_message\n"
        + "Jane Smith,jane@@example,'+1-555-0100,17,invalid_email,"
        + "\"Email: Found jane@@example, which is not an e-mail address; expected one such as jane@example.com.\"\n";

    // Rows have at most 64 KiB each. No connection is held between two pages, so a slow caller blocks none.
    private const int PageRows = 200;

    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static async Task<IResult> HandleAsync(
        Request request, Caller caller, ImportReader imports, DriftwoodDb db, CancellationToken cancellationToken)
    {
        var job = await imports.FindAsync(caller, request.Id, cancellationToken);
        // The first page is read before the first byte is sent, so that a failure can still be answered.
        var first = await ReadPageAsync(db, job, 0, cancellationToken);
        var name = $"{FileNames.Stem(job.Import!.Upload!.FileName)}-errors.csv";
        return Results.Stream(stream => WriteAsync(stream, db, job, first, cancellationToken), ContentType, name);
    }

    private static async Task WriteAsync(Stream stream, DriftwoodDb db, Job job, List<RowError> page, CancellationToken cancellationToken)
    {
        // Before its upload is completed, an import has neither columns nor failed rows.
        await using var csv = new FailedRowsCsv(stream, job.Import!.Headers ?? []);
        await csv.WriteHeaderAsync(cancellationToken);
        while (page.Count > 0)
        {
            foreach (var row in page)
            {
                var message = RowFaultText.Of(row.ColumnName, row.Message, row.Also);
                await csv.WriteAsync(row.RowNumber, row.Code, message, row.Cells, cancellationToken);
            }

            page = page.Count < PageRows ? [] : await ReadPageAsync(db, job, page[^1].RowNumber, cancellationToken);
        }
    }

    private static Task<List<RowError>> ReadPageAsync(DriftwoodDb db, Job job, long after, CancellationToken cancellationToken) =>
        db.RowErrors.AsNoTracking()
            .Where(error => error.AccountId == job.AccountId && error.JobId == job.Id && error.RowNumber > after)
            .OrderBy(error => error.RowNumber)
            .Take(PageRows)
            .ToListAsync(cancellationToken);
}
