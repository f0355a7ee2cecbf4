namespace Driftwood.Api.Platform.OpenApi;

/// <summary>
/// Requests that the pages offer beside a route's first example, where one example does not show what the route can do.
/// </summary>
internal static class FurtherExamples
{
    private const string Id = "550e8400-e29b-41d4-a716-446655440000";

    private static readonly Dictionary<string, Example[]> ByRoute = new(StringComparer.Ordinal)
    {
        ["bulk-jobs-create"] =
        [
            new("tag_by_filter", "Tag all contacts of a city", """
                {"entity_type": "contacts", "operation": "tag", "params": {"add": ["vip"], "remove": ["lead"]},
                 "filter": {"field": "city", "op": "eq", "value": "Oslo"}}
                """),
            new("update_by_query", "Update what a query finds, if it is 12 records", """
                {"entity_type": "contacts", "operation": "update", "params": {"fields": {"country": "NO"}},
                 "query": "SELECT id FROM contacts WHERE city = 'Oslo'", "expected_count": 12}
                """),
            new("delete_by_external_ids", "Delete by external IDs, once the job is started", """
                {"entity_type": "contacts", "operation": "delete", "external_ids": ["crm-17", "crm-18"], "start": false}
                """),
            new("create_items", "Create records", """
                {"entity_type": "contacts", "operation": "create",
                 "items": [{"email": "ada@example.com", "first_name": "Ada"}, {"email": "bo@example.com", "tags": ["lead"]}]}
                """),
            new("upsert_items", "Create or update records, each with its own values", """
                {"entity_type": "contacts", "operation": "upsert", "params": {"match_on": "email"},
                 "items": [{"email": "ada@example.com", "job_title": "CTO"}, {"email": "cy@example.com", "first_name": "Cy"}]}
                """),
        ],
        ["bulk-jobs-count"] =
        [
            new("query", "What a query finds", """{"entity_type": "contacts", "query": "email IS NOT NULL AND birthday IS NULL"}"""),
            new("ids", "How many different records a list names", $$"""{"entity_type": "contacts", "entity_ids": ["{{Id}}"]}"""),
        ],
        ["jobs-undo"] = [new("dry_run", "Only report what the undo would do", $$"""{"id": "{{Id}}", "dry_run": true}""")],
        ["contacts-deleted-list"] =
        [
            new("filter", "Those that were deleted since a day and were in a city", """
                {"filter": {"and": [{"field": "deleted_at", "op": "gte", "value": "2025-06-15T00:00:00Z"},
                                    {"field": "city", "op": "eq", "value": "Oslo"}]}}
                """),
        ],
        ["contacts-restore"] =
        [
            new("job", "All that a job deleted", $$"""{"job": "{{Id}}"}"""),
            new("filter", "All that was deleted since a day and was in a city", """
                {"filter": {"and": [{"field": "deleted_at", "op": "gte", "value": "2025-06-15T00:00:00Z"},
                                    {"field": "city", "op": "eq", "value": "Oslo"}]}}
                """),
        ],
        ["bulk-jobs-list"] = [new("all", "All jobs, newest first", "{}")],
        ["imports-complete-upload"] =
        [
            new("overrides", "Say how the file is to be read", $$"""{"id": "{{Id}}", "encoding": "windows-1252", "delimiter": ";"}"""),
        ],
        ["imports-confirm"] =
        [
            new("suggested", "Take the suggested mapping, if it is certain", $$"""{"id": "{{Id}}"}"""),
            new("dry_run", "Only report what the import would do", $$"""
                {"id": "{{Id}}", "column_mapping": {"Email": "email"}, "dry_run": true}
                """),
            new("german_file", "Days before months, a decimal comma", $$"""
                {"id": "{{Id}}", "column_mapping": {"E-Mail": "email", "Geburtstag": "birthday"}, "date_format": "dd-mm-yyyy",
                 "decimal_comma": true, "phone_country": "DE"}
                """),
            new("update_only", "Change existing records alone, and tag them", $$"""
                {"id": "{{Id}}", "column_mapping": {"Key": "external_id", "Title": "job_title"}, "match_on": "external_id",
                 "mode": "update_only", "duplicate_strategy": "merge", "blank_cells": "clear", "add_tags": ["june"]}
                """),
        ],
        ["imports-list"] = [new("all", "All imports, newest first", "{}")],
        ["contacts-list"] =
        [
            new("filter", "By a filter, in the order of a field", """
                {"filter": {"and": [{"field": "city", "op": "eq", "value": "Oslo"}, {"not": {"field": "email", "op": "is_blank"}}]},
                 "order_by": "email", "direction": "desc", "limit": 20}
                """),
            new("query", "By a query", """{"query": "email IS NOT NULL AND birthday IS NULL"}"""),
        ],
        ["fields-create"] =
        [
            new("choice", "A choice", """
                {"record_type": "contacts", "key": "stage", "label": "Stage", "kind": "choice", "options": ["new", "won", "lost"]}
                """),
            new("unique_text", "A text that no two records share", """
                {"record_type": "contacts", "key": "member_number", "kind": "text", "unique": true}
                """),
        ],
    };

    /// <param name="route">The route's name, such as <c>bulk-jobs-create</c>.</param>
    public static IReadOnlyList<Example> For(string route) => ByRoute.GetValueOrDefault(route) ?? [];

    /// <param name="Name">The key of the example in the document.</param>
    /// <param name="Summary">What the pages show in the list of examples.</param>
    /// <param name="Request">The body as JSON.</param>
    internal sealed record Example(string Name, string Summary, string Request);
}
