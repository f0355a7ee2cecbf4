using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Imports.Samples;

/// <summary>The first rows of a file as an import with these settings would read them.</summary>
internal static class ImportsPreview
{
    private const int DefaultLimit = 10, MaxLimit = 100;

    public static readonly Result Example = new(
        [
            new SampleRow(
                1, 2, new Dictionary<string, string?> { ["email"] = "jane@example.com", ["city"] = "OSLO", ["level"] = null },
                [],
                [
                    new SampleCell(
                        "Level", "level", "invalid_choice", "Found Gld, which is not an option of the field; expected Gold.", "Gld"),
                ]),
        ]);

    internal sealed record Request : ImportsConfirm.Settings, ImportsConfirm.IHasOrigin
    {
        public required Guid Id { get; init; }

        /// <summary>A profile, whose settings hold where this request gives none.</summary>
        public Guid? ProfileId { get; init; }

        /// <summary>An earlier import, whose settings hold in the same way.</summary>
        public Guid? Like { get; init; }

        /// <summary>Rows, 1 to 100. Default 10.</summary>
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            // Settings of a profile or an earlier import are checked once they are merged with those of the request.
            When(r => r.ProfileId is null && r.Like is null, () => Include(new ImportsConfirm.SettingsRules()));
            Include(new ImportsConfirm.OriginRules());
            RuleFor(r => r.Limit).InclusiveBetween(1, MaxLimit);
        }
    }

    internal sealed record Result(IReadOnlyList<SampleRow> Rows);

    public static async Task<Result> HandleAsync(
        Request request, Caller caller, ImportReader imports, RecordTypeCatalog types, UploadFiles files, DriftwoodDb db,
        CancellationToken cancellationToken)
    {
        var job = await imports.FindAsync(caller, request.Id, cancellationToken);
        if (job.Import is not { Format: { } format, Headers: { } headers, Upload.StorageKey: { } key })
            throw ApiException.InvalidState($"The import is {WireJson.Word(job.Status)}; its upload has to be completed first.");
        var type = await types.RequireForImportAsync(caller, job.RecordType, cancellationToken);
        var confirmation = ImportsConfirm.RequestOf(StoredSettings.Of(request), request.Id, request, dryRun: null);
        var (spec, _, _) = await ImportsConfirm.ResolveAsync(confirmation, caller, type, job, db, cancellationToken);
        try
        {
            var rows = new SampleRows(type, spec, headers);
            return new Result(await rows.ReadAsync(
                FileFormats.Read(format), token => files.OpenAsync(key, token), request.Limit ?? DefaultLimit, cancellationToken));
        }
        catch (FileNotFoundException)
        {
            throw ApiException.InvalidState("The file of the import is no longer kept.");
        }
    }
}
