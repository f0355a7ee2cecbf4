using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Imports.Runs;

/// <summary>Confirms an import by the settings of its form, or by the suggested mapping if that is certain.</summary>
internal sealed class RunConfirmation(
    DriftwoodDb db, ImportReader imports, RecordTypeCatalog types, RunReading reading, RunAnswers answers, AuditTrail audit)
{
    private const string OptionsPart = "options";

    private static readonly RpcHandler Confirm = new(ImportsConfirm.HandleAsync);

    /// <exception cref="ApiException">
    /// Whatever imports-confirm refuses, and 422 <c>mapping_unclear</c>. The error has the import and its preview.
    /// </exception>
    public async Task<IResult> ConfirmAsync(
        HttpContext http, Guid import, RunForm.Read form, CompletedUpload upload, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(http);
        try
        {
            var request = await RequestOfAsync(caller, import, form.Request, upload, cancellationToken);
            return await ConfirmOnceAsync(http, import, form, request, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.Code == ErrorCodes.RequestInProgress || refusal.Code == ErrorCodes.IdempotencyMismatch)
        {
            // Another request has the key, so this one is not to make an import.
            await reading.CancelAsync(caller, import);
            throw;
        }
        catch (ApiException refusal) when (refusal.Status < StatusCodes.Status500InternalServerError)
        {
            var job = await imports.ReadAsync(caller, import, cancellationToken);
            throw refusal.With(
                new Dictionary<string, object> { ["job"] = job, ["preview"] = upload.Preview },
                [.. refusal.Details.Select(fault => Placed(refusal, fault, form.Request.Options))]);
        }
    }

    private async Task<IResult> ConfirmOnceAsync(
        HttpContext http, Guid import, RunForm.Read form, ImportsConfirm.Request request, CancellationToken cancellationToken)
    {
        IResult? given;
        await using (var transaction = await db.BeginAsync(cancellationToken))
        {
            given = await answers.FindAsync(http, form, cancellationToken);
            if (given is null)
            {
                var job = await Confirm.InvokeAsync(http, request);
                await audit.NoteAsync(http, import.ToString(), cancellationToken);
                var answer = await answers.KeepAsync(http, form, job, cancellationToken);
                await transaction.CommitAsync(CancellationToken.None);
                return answer;
            }
        }

        // The same request was faster. Its import is the one that the caller gets.
        await reading.CancelAsync(Caller.Of(http), import);
        return given;
    }

    private async Task<ImportsConfirm.Request> RequestOfAsync(
        Caller caller, Guid import, ImportsRun.Request form, CompletedUpload upload, CancellationToken cancellationToken)
    {
        var members = form.Options is null ? [] : StoredSettings.Of(form.Options);
        if (form is { ProfileId: null, Like: null, Options: null or { ColumnMapping: null } })
            members[StoredSettings.Mapping] = await SuggestedAsync(caller, import, members, upload, cancellationToken);
        return ImportsConfirm.RequestOf(members, import, form, form.DryRun);
    }

    /// <summary>The suggested mapping. Blank columns need no field.</summary>
    /// <exception cref="ApiException">422: it is not certain.</exception>
    private async Task<JsonObject> SuggestedAsync(
        Caller caller, Guid import, JsonObject settings, CompletedUpload upload, CancellationToken cancellationToken)
    {
        var preview = upload.Preview;
        var type = await types.RequireForImportAsync(
            caller, (await imports.FindAsync(caller, import, cancellationToken)).RecordType, cancellationToken);
        string[] fields = [.. MappableFields.Of(type).Select(field => field.Key)];
        var faults = upload.UnclearColumns.Except(StoredSettings.NamedColumns(settings)).Take(ApiException.MaxDetails)
            .Select((column, i) => Unclear(preview, column, i == 0 ? fields : null)).ToList();
        var mapping = upload.CertainMapping;
        if (settings["match_on"] is null && !mapping.Values.Concat(ComputedOf(settings)).Intersect(type.MatchFields).Any())
        {
            faults.Add(new Fault(
                "match_on", "not_mapped",
                $"No column is clearly one to match rows on ({string.Join(", ", type.MatchFields)}), so every row would create a record."));
        }

        if (faults.Count == 0) return JsonSerializer.SerializeToNode(mapping)!.AsObject();
        const string Message = "The suggested mapping is not certain, so the import waits to be confirmed. Confirm it by imports-confirm "
            + "with a column_mapping, or send the file again with options that have one.";
        throw new ApiException(ErrorCodes.MappingUnclear, Message) { Details = faults };
    }

    private static IEnumerable<string> ComputedOf(JsonObject settings) =>
        (settings["computed_fields"] as JsonObject)?.Select(pair => pair.Key) ?? [];

    private static Fault Unclear(ImportsCompleteUpload.Preview preview, string column, string[]? fields)
    {
        var found = preview.SuggestedMapping.TryGetValue(column, out var field)
            ? FormattableString.Invariant($"It may be {field}, with the confidence {preview.MappingConfidence[column]}.")
            : "No field is suggested.";
        var path = ColumnPath.Of(StoredSettings.Mapping, column);
        return new Fault(path, "unclear_column", $"{found} Name a field, or null to leave the column out.", fields);
    }

    // Members of imports-confirm stand in the options here, unless a profile or an earlier import has them.
    private static Fault Placed(ApiException refusal, Fault fault, ImportsRun.Settings? options)
    {
        var member = ShapeReader.TopLevel(fault.Path);
        var isInOptions = refusal.Code == ErrorCodes.MappingUnclear
            || (options is not null && StoredSettings.Of(options).ContainsKey(member));
        return isInOptions ? fault with { Path = $"{OptionsPart}.{fault.Path}" } : fault;
    }
}
