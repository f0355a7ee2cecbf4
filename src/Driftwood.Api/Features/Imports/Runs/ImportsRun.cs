using System.Text.Json.Serialization;
using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using FluentValidation;

namespace Driftwood.Api.Features.Imports.Runs;

/// <summary>A whole import in one request: the file is uploaded, read and confirmed.</summary>
internal static class ImportsRun
{
    /// <summary>The parts of the form beside the file.</summary>
    internal sealed record Request : ImportsCompleteUpload.FileReading, ImportsConfirm.IHasOrigin
    {
        /// <summary>The record type of the rows. It may be left out with profile_id or like.</summary>
        public string? ModelType { get; init; }

        /// <summary>
        /// The settings of imports-confirm, as JSON: {"column_mapping": {"Name": "first_name"}, "duplicate_strategy": "merge"}. Without
        /// column_mapping, the suggested one is taken if it is certain for every column that has values.
        /// </summary>
        public Settings? Options { get; init; }

        /// <summary>A profile, whose settings hold where options give none.</summary>
        public Guid? ProfileId { get; init; }

        /// <summary>An earlier import, whose settings hold in the same way.</summary>
        public Guid? Like { get; init; }

        /// <summary>True: find the outcome of each row, and write no record. Default false.</summary>
        public bool? DryRun { get; init; }
    }

    /// <summary>The settings of imports-confirm.</summary>
    internal sealed record Settings : ImportsConfirm.Settings;

    internal sealed class Validator : AbstractValidator<Request>
    {
        private static readonly ImportsConfirm.SettingsRules OfSettings = new();

        public Validator()
        {
            RuleFor(r => r.ModelType).RecordTypeKey();
            Include(new ImportsConfirm.OriginRules());
            RuleFor(r => r.Options).Custom((options, context) =>
            {
                // Settings of a profile or an earlier import are checked once they are merged with these.
                if (options is null || context.InstanceToValidate is { ProfileId: not null } or { Like: not null }) return;
                foreach (var failure in OfSettings.Validate(options).Errors)
                {
                    failure.PropertyName = $"options.{failure.PropertyName}";
                    context.AddFailure(failure);
                }
            });
            Include(new ImportsCompleteUpload.ReadingRules());
        }
    }

    /// <summary>The error of a refusal after the file was stored: the import is kept and can be confirmed by imports-confirm.</summary>
    /// <param name="Job">The import. Left out if the form or the file is refused.</param>
    /// <param name="Preview">What was found in the file. Left out with the import.</param>
    internal sealed record Failure(
        string Code,
        string Message,
        IReadOnlyList<ErrorDetail> Details,
        string RequestId,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImportView? Job,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImportsCompleteUpload.Preview? Preview);

    /// <summary>The answer to a file that cannot be imported without more settings.</summary>
    internal sealed record FailureBody(bool Ok, Failure Error);

    public static async Task<IResult> HandleAsync(
        HttpContext http, RunForm forms, RunUpload uploads, RunReading reading, RunConfirmation confirmation, UploadFiles files,
        AccountLimits limits, CancellationToken cancellationToken)
    {
        var form = await forms.ReadAsync(http, cancellationToken);
        RunUpload.Started? started = null;
        try
        {
            using var turn = await limits.EnterAsync(http);
            started = await uploads.StartAsync(http, form, cancellationToken);
            if (started is not { Import: { } import }) return started.Answer!;
            var completed = await reading.CompleteAsync(http, import, form, cancellationToken);
            return await confirmation.ConfirmAsync(http, import, form, completed, cancellationToken);
        }
        finally
        {
            // No row names the file.
            if (started?.Import is null) await files.DropAsync(form.File.Key);
        }
    }
}
