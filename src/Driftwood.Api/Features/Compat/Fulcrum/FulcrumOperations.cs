using System.Text.Json;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat.Fulcrum;

/// <summary>Makes bulk jobs of Fulcrum's operations, in the request's transaction.</summary>
internal sealed class FulcrumOperations(RecordTypeCatalog types, CompatJobs jobs, DriftwoodDb db)
{
    private const string Operation = "operations[0]";

    private static FulcrumOperation RequireOne(FulcrumOperation[]? operations) => operations switch
    {
        [var one] => one,
        null or [] => throw ApiException.Validation("operations", "out_of_range", "Found no operation, expected one."),
        _ => throw ApiException.Validation(
            "operations[1]", "out_of_range", "Only one operation of a batch runs, so a second one is refused."),
    };

    /// <summary>Creates the job of the only operation.</summary>
    /// <returns>The job's id.</returns>
    /// <exception cref="ApiException">422 with Fulcrum's names of the members; 429.</exception>
    public async Task<Guid> CreateAsync(
        HttpContext http, FulcrumOperation[]? operations, FulcrumOptions options, bool start, GivenJob? given = null)
    {
        var operation = RequireOne(operations);
        var all = await types.ListAsync(db.Connection(), Caller.Of(http).AccountId, http.RequestAborted);
        RequireShape(operation, options.MaxRecords);
        var form = operation.FormId is { } formId ? FulcrumForms.Find(all, formId, options) ?? throw UnknownForm(formId, all) : null;
        var (type, query) = operation.Query is { } text ? ReadQuery(text, form, all, options) : (form, null);
        if (type is null) throw Refuse("form_id", "required", "Missing: ids need the form that their records belong to.");
        var ids = operation.Ids is { } listed ? ReadIds(listed) : null;
        try
        {
            var job = await jobs.CreateAsync(http, new BulkJobsCreate.Request
            {
                EntityType = type.Key,
                Operation = operation.Action == FulcrumAction.Delete ? OperationName.Delete : OperationName.Update,
                EntityIds = ids,
                Query = query,
                Params = operation.Data is { } data ? JsonSerializer.SerializeToElement(new { fields = data }) : null,
                Start = start,
            }, given);
            return job.Id;
        }
        catch (ApiException refused) when (refused.Code == ErrorCodes.ValidationFailed)
        {
            throw ApiException.Validation([.. refused.Details.Select(fault => fault with { Path = PathOf(fault.Path) })]);
        }
    }

    private static void RequireShape(FulcrumOperation operation, int maxRecords)
    {
        List<Fault> faults = [];
        void Add(string member, string code, string message) => faults.Add(new Fault($"{Operation}.{member}", code, message));
        if (operation is { Ids: not null, Query: not null }) Add("query", "conflict", "Found ids and query, expected one of them.");
        if (operation is { Ids: null, Query: null }) Add("query", "required", "Missing: expected query or ids.");
        if (operation is { Action: FulcrumAction.Update, Data: null }) Add("data", "required", "Missing: update needs the new values.");
        if (operation is { Action: FulcrumAction.Delete, Data: not null }) Add("data", "conflict", "A delete takes no data.");
        if (operation.Ids is { } ids && (ids.Length == 0 || ids.Length > maxRecords))
        {
            Add("ids", "out_of_range", $"Found {ids.Length} ids, expected 1 to {maxRecords}.");
        }

        if (faults.Count > 0) throw ApiException.Validation(faults);
    }

    // Deleting nothing without a word would hide that the ids are those of the old service.
    private static Guid[] ReadIds(string[] ids)
    {
        var foreign = ids.Index().Where(id => !Guid.TryParse(id.Item, out _)).Take(ApiException.MaxDetails)
            .Select(id => new Fault(
                $"{Operation}.ids[{id.Index}]", "invalid_uuid", $"Found {Found.Describe(id.Item)}, expected the id of a record: a UUID."))
            .ToList();
        return foreign.Count == 0 ? [.. ids.Select(Guid.Parse)] : throw ApiException.Validation(foreign);
    }

    // FROM may name a form by its old id. Native queries do not know it, so such a query is written anew.
    private static (RecordType Type, string Query) ReadQuery(
        string text, RecordType? form, IReadOnlyList<RecordType> all, FulcrumOptions options)
    {
        var isWhole = text.TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase);
        if (!isWhole && form is null) throw Refuse("form_id", "required", "Missing: the query is a condition without FROM.");
        var aliases = options.Forms.SelectMany(alias =>
            all.Where(type => type.Key == alias.Value).Select(type => type with { Key = alias.Key, Label = alias.Key }));
        var query = QueryText.Read(text, [.. all, .. aliases], isWhole ? null : form, out var fault);
        if (fault is not null) throw ApiException.Validation($"{Operation}.query", QueryFault.Code, fault.Message, fault.Accepted);
        var type = FulcrumForms.Find(all, query!.Type.Key, options)!;
        if (form is not null && type.Key != form.Key)
        {
            throw Refuse("query", "conflict", $"Found FROM {type.Key}, expected {form.Key}, which form_id names.");
        }

        return (type, query.Type.Key == type.Key ? text : QueryText.Write(type, query.Filter));
    }

    private static ApiException UnknownForm(string formId, IReadOnlyList<RecordType> all)
    {
        string[] accepted = [.. all.Select(type => type.Key)];
        var message = $"Found {Found.Describe(formId)}, expected one of {string.Join(", ", accepted)}.";
        return ApiException.Validation($"{Operation}.form_id", "invalid_choice", message, accepted);
    }

    private static ApiException Refuse(string member, string code, string message) =>
        ApiException.Validation($"{Operation}.{member}", code, message);

    // Native names of the members in Fulcrum's words.
    private static string PathOf(string path) => path switch
    {
        _ when path.StartsWith("entity_ids", StringComparison.Ordinal) => $"{Operation}.ids{path["entity_ids".Length..]}",
        _ when path.StartsWith("params.fields", StringComparison.Ordinal) => $"{Operation}.data{path["params.fields".Length..]}",
        "params" => $"{Operation}.data",
        _ => $"{Operation}.{path}",
    };
}
