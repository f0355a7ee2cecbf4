namespace Driftwood.Api.Platform.Errors;

/// <summary>A stable word for callers' programs, with all that docs/errors.md says about it.</summary>
/// <param name="Name">The word on the wire.</param>
/// <param name="Status">HTTP status of the answer.</param>
/// <param name="Meaning">One sentence: what happened.</param>
/// <param name="Advice">One sentence: what the caller can do.</param>
internal sealed record ErrorCode(string Name, int Status, string Meaning, string Advice);

/// <summary>Every code that <c>error.code</c> can have. A test compares the list with docs/errors.md and with its uses.</summary>
internal static class ErrorCodes
{
    private const string MendFile = "Mend the file and request a new upload.";

    public static readonly ErrorCode BadRequest = new(
        "bad_request", 400, "The HTTP request cannot be read.",
        "Correct the request; the status tells more and may be another one from 400 to 499.");

    public static readonly ErrorCode InvalidJson = new(
        "invalid_json", 400, "The body is empty or is not JSON in UTF-8.", "Send a JSON object; the message names the line and the byte.");

    public static readonly ErrorCode UploadTruncated = new(
        "upload_truncated", 400, "An upload ended before its announced length; nothing was kept.", "Send the file again to the same URL.");

    public static readonly ErrorCode Unauthenticated = new(
        "unauthenticated", 401, "There is no token, it is unknown, expired or revoked, or its account is disabled.",
        "Send a valid bearer token.");

    public static readonly ErrorCode ContentTypeMismatch = new(
        "content_type_mismatch", 403, "An upload has another Content-Type than its URL was signed for.",
        "Send the Content-Type that the message names.");

    public static readonly ErrorCode Forbidden = new(
        "forbidden", 403, "The token lacks a scope, or is of another account.", "Use a token with the scope that the message names.");

    public static readonly ErrorCode SignatureExpired = new(
        "signature_expired", 403, "The signed URL of an upload has expired, or the token that requested it is no longer accepted.",
        "Request a new upload.");

    public static readonly ErrorCode SignatureInvalid = new(
        "signature_invalid", 403, "The signed URL of an upload was changed.", "Use the URL exactly as imports-request-upload answered it.");

    public static readonly ErrorCode NotFound = new(
        "not_found", 404, "There is no such route, or no such thing in this account.",
        "Check the id; ids of other accounts are not found either.");

    public static readonly ErrorCode MethodNotAllowed = new(
        "method_not_allowed", 405, "The route takes another HTTP method.",
        "Use the method that the message names: POST for every route under /api but the links of jobs.");

    public static readonly ErrorCode AlreadyExists = new(
        "already_exists", 409, "Something of this name or key exists already.", "Choose another name, or use what exists.");

    public static readonly ErrorCode BuiltIn = new(
        "built_in", 409, "A built-in record type cannot be changed or deleted.",
        "Change its custom fields, or make a record type of your own.");

    public static readonly ErrorCode CountMismatch = new(
        "count_mismatch", 409, "A bulk job would change another number of records than expected; nothing was done.",
        "Count again and confirm the new number.");

    public static readonly ErrorCode DuplicateValues = new(
        "duplicate_values", 409, "Records share values of a field that is to be unique.",
        "Change the records that the details list, then try again.");

    public static readonly ErrorCode HasJobs = new(
        "has_jobs", 409, "Imports or bulk jobs of the record type have not ended.",
        "Wait for the jobs that the message lists, or cancel them.");

    public static readonly ErrorCode HasRecords = new(
        "has_records", 409, "The record type still has records.", "Delete the records first, with a bulk job.");

    public static readonly ErrorCode InvalidState = new(
        "invalid_state", 409, "The thing is not in a state that allows this.",
        "Read it again; the message names its state and those that are allowed.");

    public static readonly ErrorCode NotUndoable = new(
        "not_undoable", 409, "The job cannot be undone.", "The message says why. A later job may still be undone by itself.");

    public static readonly ErrorCode RecordTypeChanged = new(
        "record_type_changed", 409, "The record type changed while the request was handled; nothing was done.", "Send the request again.");

    public static readonly ErrorCode RequestInProgress = new(
        "request_in_progress", 409, "A request with the same Idempotency-Key is still running.", "Send the request again a little later.");

    public static readonly ErrorCode TooLong = new(
        "too_long", 409, "Records have values too long for a field that is to be unique.",
        "Shorten the values that the details list, then try again.");

    public static readonly ErrorCode TooManyFields = new(
        "too_many_fields", 409, "The record type has as many custom fields as it may have.", "Delete a field that is no longer needed.");

    public static readonly ErrorCode TooManyProfiles = new(
        "too_many_profiles", 409, "The account has as many import profiles as it may have.", "Delete a profile that is no longer needed.");

    public static readonly ErrorCode TooManyRecordTypes = new(
        "too_many_record_types", 409, "The account has as many record types as it may have.",
        "Delete a record type that is no longer needed.");

    public static readonly ErrorCode RequestTooLarge = new(
        "request_too_large", 413, "The body is larger than the route takes.", "Split the request; the message names the limit.");

    public static readonly ErrorCode UploadTooLarge = new(
        "upload_too_large", 413, "The file is larger than an upload may be.", "Split the file; the message names the limit.");

    public static readonly ErrorCode AccountStorageFull = new(
        "account_storage_full", 413, "The account has stored as many bytes of files as it may; nothing was kept.",
        "Cancel imports that will not be confirmed, or wait until ended jobs are removed, then send the file again.");

    public static readonly ErrorCode UnsupportedMediaType = new(
        "unsupported_media_type", 415, "The body has another Content-Type than the route takes, or a Content-Encoding.",
        "Send the Content-Type that the message names, and no Content-Encoding.");

    public static readonly ErrorCode ValidationFailed = new(
        "validation_failed", 422, "Members of the request are not as expected.", "Correct what the details name; their codes are below.");

    public static readonly ErrorCode BrokenCompression = new(
        "broken_compression", 422, "The compressed data of the file is broken, or other bytes follow it.", MendFile);

    public static readonly ErrorCode BrokenJson = new(
        "broken_json", 422, "The file is called JSON and is no array of objects, and no object on each line.",
        "Mend the place that the message names and request a new upload.");

    public static readonly ErrorCode BrokenQuotes = new(
        "broken_quotes", 422, "Quotes of the file open and never close, again and again.", MendFile);

    public static readonly ErrorCode BrokenWorkbook = new(
        "broken_workbook", 422, "The workbook is not as a spreadsheet would write it.",
        "Open it in a spreadsheet and save it again, or save the sheet as CSV, and request a new upload.");

    public static readonly ErrorCode EncryptedWorkbook = new(
        "encrypted_workbook", 422, "The workbook has a password.", "Save it without a password and request a new upload.");

    public static readonly ErrorCode EmptyFile = new(
        "empty_file", 422, "The file is empty.", MendFile);

    public static readonly ErrorCode IdempotencyMismatch = new(
        "idempotency_mismatch", 422, "The Idempotency-Key was used for another request.", "Take a new key for a new request.");

    public static readonly ErrorCode InvalidCursor = new(
        "invalid_cursor", 422, "The cursor is not one of this list.",
        "Send the next_cursor of the last answer unchanged, or begin without one.");

    public static readonly ErrorCode MappingUnclear = new(
        "mapping_unclear", 422, "imports-run was given no mapping, and the suggested one is not certain.",
        "Send options with a column_mapping, or confirm the import that the error names.");

    public static readonly ErrorCode NoRows = new(
        "no_rows", 422, "The file has a header but no rows.", MendFile);

    public static readonly ErrorCode NotText = new(
        "not_text", 422, "The file is not delimited text.", "Do what the message says, or save the file as CSV, and request a new upload.");

    public static readonly ErrorCode QueryTooSlow = new(
        "query_too_slow", 422, "The list or count took longer than it may.", "Narrow the filter, or leave the order out.");

    public static readonly ErrorCode TooLarge = new(
        "too_large", 422, "The decompressed file, or the table made of it, is larger than is read.",
        "Split the file and request new uploads.");

    public static readonly ErrorCode TooManyColumns = new(
        "too_many_columns", 422, "The file has more columns than are read.", MendFile);

    public static readonly ErrorCode TooManyRows = new(
        "too_many_rows", 422, "The file has more rows than an import may have.", "Split the file and request new uploads.");

    public static readonly ErrorCode UnknownSheet = new(
        "unknown_sheet", 422, "The workbook has no sheet of this name or number.", "Name one of the sheets that the message lists.");

    public static readonly ErrorCode UnreadableHeader = new(
        "unreadable_header", 422, "The line that names the columns cannot be read.", MendFile);

    public static readonly ErrorCode RateLimited = new(
        "rate_limited", 429, "The account sends more requests than it may: a second, or at once.",
        "Wait as long as Retry-After says; RateLimit-Limit has the number a second.");

    public static readonly ErrorCode TooManyJobs = new(
        "too_many_jobs", 429, "The account has as many queued and running jobs as it may have.", "Wait as long as Retry-After says.");

    public static readonly ErrorCode TooManyUploads = new(
        "too_many_uploads", 429, "The account has as many uploads whose import is not confirmed as it may have.",
        "Confirm or cancel imports, or wait until they expire.");

    public static readonly ErrorCode InternalError = new(
        "internal_error", 500, "The service failed unexpectedly.", "Report the request_id.");

    public static readonly ErrorCode DatabaseBusy = new(
        "database_busy", 503, "Conflicting work keeps the database busy; nothing was done.", "Send the request again as Retry-After says.");

    public static readonly ErrorCode DatabaseUnavailable = new(
        "database_unavailable", 503, "The database cannot be reached.",
        "Send the request again as Retry-After says, with the same Idempotency-Key.");

    public static readonly ErrorCode Overloaded = new(
        "overloaded", 503, "The node has more requests than it can work on; nothing was done.",
        "Send the request again as Retry-After says, or to another node.");

    public static readonly ErrorCode StorageUnavailable = new(
        "storage_unavailable", 503, "The storage of uploaded files cannot be reached.", "Send the request again as Retry-After says.");

    public static readonly ErrorCode StorageFull = new(
        "storage_full", 507, "There is no room for the file; nothing was kept.", "Send the file again later to the same URL.");

    /// <summary>By status and name.</summary>
    public static IEnumerable<ErrorCode> All =>
        typeof(ErrorCodes).GetFields().Select(member => (ErrorCode)member.GetValue(null)!)
            .OrderBy(code => code.Status).ThenBy(code => code.Name, StringComparer.Ordinal);

    /// <summary>The code with which the engine refuses a file as a whole.</summary>
    public static ErrorCode OfFile(string name) => All.First(code => code.Name == name);
}
