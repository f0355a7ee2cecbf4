using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Driftwood.Engine.Imports.Companies;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsRoutes
{
    private static readonly string Id = $$"""{"id": "{{ImportView.Example.Id}}"}""";

    private static readonly string[] MayChange = [Scopes.Bulk, Scopes.Write];

    private static readonly string[] MayWatch = [Scopes.Read, Scopes.Bulk];

    private static readonly ImportView Paused = ImportView.Example with { Status = JobStatus.Paused, EtaSeconds = null };

    public static void MapImports(this IEndpointRouteBuilder api)
    {
        var imports = api.MapGroup("").WithTags("Imports");
        MapUploadRoutes(imports);
        MapConfirm(imports);
        MapErrorRoutes(imports);
        MapRetry(imports);
        MapResultRoutes(imports);
        MapWarnings(imports);
        MapJobRoutes(imports);
    }

    private static void MapUploadRoutes(RouteGroupBuilder imports)
    {
        imports.MapRpc("imports-request-upload", ImportsRequestUpload.HandleAsync)
            .WithSummary("1. Get a signed URL for a file")
            .WithDescription(
                "PUT the file to signed_url with the given headers; that needs no token. The URL works until expires_at. An upload that is "
                + "not completed by then expires, and its file is removed.")
            .WithExample(
                """{"model_type": "contacts", "file_name": "leads.csv", "content_type": "text/csv"}""", ImportsRequestUpload.Example)
            .RequireScope(MayChange)
            .AsCreate();

        imports.MapRpc("imports-complete-upload", ImportsCompleteUpload.HandleAsync)
            .WithSummary("3. Freeze the uploaded file and get a preview")
            .WithDescription(
                """
                Reads the whole file, so total_rows is exact. May be called again, with other overrides, until the import is confirmed.
                `detected` says how the file is read. `date_format` and `decimal_comma` there are what a confirm without them takes;
                `tag_delimiter` and `null_values` are what to confirm, as far as the rows tell. `warnings` says what is uncertain or was
                put right, with the first line and the number of cases.
                An import that is not confirmed within a day (`Driftwood:Uploads:ExpiryHours`) after its upload was last completed
                becomes `expired`, and its file is removed.
                A file that is no table is refused with `not_text`; the message says what it is.
                """)
            .WithExample(Id, ImportsCompleteUpload.Example)
            .RequireScope(MayChange)
            .InItsOwnTransaction();
    }

    private static void MapConfirm(RouteGroupBuilder imports)
    {
        imports.MapRpc("imports-confirm", ImportsConfirm.HandleAsync)
            .WithSummary("4. Map the columns and start the import")
            .WithDescription(
                """
                A second confirmation with the same settings is answered with the same job; with other settings, 409.

                `profile_id` or `like` gives all settings, also those of columns that the file has in another order or case; other members
                replace them.

                Without `date_format` and `decimal_comma`, dates and numbers are read as the preview detected them. `column_mapping` may
                be left out if the suggested one is certain; if not, 422 names the doubtful columns. The answer has what was taken.

                With `dry_run` no record is written: the job has the counts, row errors and warnings that the import will have if
                nothing changes until then. Once it has ended, the same upload can be confirmed again, by the id of any of its
                jobs: with other settings or without `dry_run`, that is a new job on the same file, and its `source_job_id` is the
                import that the file was uploaded for. While a dry run has not ended, and after an import without `dry_run`, other
                settings are 409 `invalid_state`.
                """)
            .WithExample(
                $$"""
                {
                    "id": "{{ImportView.Example.Id}}",
                    "column_mapping": {"Name": "first_name", "Email": "email", "Phone": "phone"},
                    "duplicate_strategy": "merge"
                }
                """,
                ImportView.Example)
            .RequireScope(MayChange)
            .AsCreate();
    }

    private static void MapErrorRoutes(RouteGroupBuilder imports)
    {
        imports.MapRpc("imports-errors", ImportsErrors.HandleAsync, "imports/{id}/errors")
            .WithSummary("The failed rows of an import, in file order")
            .WithExample($$"""{"id": "{{ImportView.Example.Id}}", "limit": 50}""", ImportsErrors.Example)
            .Reads(MayWatch);

        imports.MapRpc("imports-errors-csv", ImportsErrorsCsv.HandleAsync, "imports/{id}/errors.csv")
            .WithSummary("The failed rows of an import as a file to mend and import again")
            .WithDescription(
                """
                The columns of the uploaded file, and `_row`, `_code` and `_message` (`_row (2)` and so on where the file has
                such a column); in file order, comma-separated, UTF-8 with a byte order mark so that Excel reads it as such.
                Cells beyond the file's columns come last. Rows that cannot be split into cells (`unclosed_quote`,
                `record_too_large`), and those of which only the first 64 KiB are kept, stand as text in the first column.

                A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break has an apostrophe before it, so that no
                spreadsheet runs it as a formula. Mend the cells and import the file as it is: an import takes that apostrophe
                off again, one a cell, in files that still have the columns `_row`, `_code` and `_message`, and in no others.
                """)
            .WithFileExample(Id, "text/csv", ImportsErrorsCsv.Example)
            .Reads(MayWatch);
    }

    private static void MapRetry(RouteGroupBuilder imports)
    {
        imports.MapRpc("imports-retry", ImportsRetry.HandleAsync)
            .WithSummary("Try the failed rows of an import again")
            .WithDescription(
                """
                Makes an import of the rows that failed in a completed or cancelled one, with the same settings and with the cells that
                `fixes` corrects. Rows without a fix are tried as they are: what was missing may be there by now. Errors, results and
                receipt of the new import have the row and line numbers of the first file, and `retry_of` names the import.

                An import can be retried once; what fails again is retried by the new import's id. 409 `invalid_state` while the import
                runs, of a dry run, and if no row failed.
                """)
            .WithExample(
                $$"""
                {"id": "{{ImportView.Example.Id}}", "fixes": [{"row": 17, "values": {"Email": "jane@example.com"} }]}
                """,
                ImportView.Example with
                {
                    Id = Guid.Parse("01977c25-7d10-7e21-8a3b-2c4d6e8f0a1b"),
                    TotalRows = 5,
                    ProcessedRows = 0,
                    CreatedCount = 0,
                    UpdatedCount = 0,
                    SkippedCount = 0,
                    FailedCount = 0,
                    RetryOf = ImportView.Example.Id,
                    RowsPerSecond = null,
                    EtaSeconds = null,
                })
            .RequireScope(MayChange)
            .AsCreate();
    }

    private static void MapResultRoutes(RouteGroupBuilder imports)
    {
        imports.MapRpc("imports-results", ImportsResults.HandleAsync, "imports/{id}/results")
            .WithSummary("What became of each row of an import, in file order")
            .WithDescription(
                "The record that the row created, changed or (skipped) matched, and the fields that it changed; with `include_values` "
                + "their values before and after. Rows are listed as far as their outcome is certain: while the import runs, they are a "
                + "growing beginning of the file. A page may be short, or empty, where many rows had to be passed over: only a next_cursor "
                + "of null says that there are no more for now. A dry run lists what the import would do, compared with the records as "
                + "they are stored. Kept for 30 days (`Driftwood:Changes:Days`); 409 `invalid_state` after that.")
            .WithExample(Id, ImportsResults.Example)
            .Reads(MayWatch);

        imports.MapRpc("imports-results-csv", ImportsResultsCsv.HandleAsync, "imports/{id}/results.csv")
            .WithSummary("What became of each row of an import, as a file: the receipt")
            .WithDescription(
                """
                A line for each data row of the file, in its order: all its columns as they stood, and `_row`, `_outcome` (`created`,
                `updated`, `skipped`, `failed`), `_record_id`, `_changed` (each changed field, old → new), `_code` and `_message`.
                Where a later row changed the same record, the message names it. Of a dry run, it says what would change.

                The import has to have ended; else 409 `invalid_state`. The receipt is made at the first request and kept as long as
                the job. `Range: bytes=…` (with `If-Range`) goes on with a broken download. Cells that begin like a formula have an
                apostrophe in front, as in imports-errors-csv. Where the file is gone, its columns are missing.
                """)
            .WithFileExample(Id, "text/csv", ImportsResultsCsv.Example)
            .Reads(MayWatch);

        imports.MapRpc("imports-manifest", ImportsManifest.HandleAsync, "imports/{id}/manifest")
            .WithSummary("The signed proof of what an import read and did")
            .WithDescription(
                """
                The import with its settings, counters, user and times, and the SHA-256 of the file and of its receipt. `signature` is a
                JSON Web Signature (RFC 7515, ES256) over the same manifest, with the public key in its header. `driftwood verify MANIFEST
                FILE RECEIPT` proves offline that the files are those of the import. 409 `invalid_state` while it has not ended.
                """)
            .WithExample(Id, ImportsManifest.Example)
            .Reads(MayWatch);
    }

    private static void MapWarnings(RouteGroupBuilder imports)
    {
        imports.MapRpc("imports-warnings", ImportsWarnings.HandleAsync, "imports/{id}/warnings")
            .WithSummary("The rows of an import that were applied with a warning, in file order")
            .WithDescription(
                "Cells that were kept only in part: a date without a year leaves its field blank, and of several values the first is "
                + "taken. With link_companies: contacts that were kept without the company that their row names. E-mail addresses at these "
                + $"providers say nothing of a company: {string.Join(", ", PublicMailDomains.All)}.")
            .WithExample($$"""{"id": "{{ImportView.Example.Id}}", "limit": 50}""", ImportsWarnings.Example)
            .Reads(MayWatch);
    }

    private static void MapJobRoutes(RouteGroupBuilder imports)
    {
        imports.MapRpc("imports-get", JobVerbs<ImportsGetRequest, ImportView>.GetAsync, "imports/{id}")
            .WithSummary("5. Watch an import")
            .WithDescription("created + updated + skipped + failed = processed ≤ total, at every moment.")
            .WithExample(Id, ImportView.Example)
            .Reads(MayWatch);

        imports.MapRpc("imports-list", ImportsList.HandleAsync)
            .WithSummary("The account's imports, newest first")
            .WithExample("""{"status": "processing"}""", ImportsList.Example)
            .Reads(MayWatch);

        imports.MapRpc("imports-pause", JobVerbs<ImportsPauseRequest, ImportView>.PauseAsync)
            .WithSummary("Pause an import after the chunk it is at")
            .WithDescription("What is applied stays. The answer may still say processing; poll imports-get for paused.")
            .WithExample(Id, Paused)
            .RequireScope(MayChange)
            .InTransaction();

        imports.MapRpc("imports-resume", JobVerbs<ImportsResumeRequest, ImportView>.ResumeAsync)
            .WithSummary("Resume a paused or failed import where it stopped")
            .WithDescription("A dry run that failed can be resumed for a day.")
            .WithExample(Id, ImportView.Example)
            .RequireScope(MayChange)
            .InTransaction();

        imports.MapRpc("imports-cancel", JobVerbs<ImportsCancelRequest, ImportView>.CancelAsync)
            .WithSummary("End an import after the chunk it is at, for good")
            .WithDescription(
                "What is applied stays. The answer may still say processing; poll imports-get for cancelled. After a cancelled dry run "
                + "the upload can be confirmed with other settings.")
            .WithExample(Id, Paused with { Status = JobStatus.Cancelled })
            .RequireScope(MayChange)
            .InTransaction();
    }
}
