using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Npgsql;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>Sets the same values in each target.</summary>
/// <param name="Type">The type of the targets.</param>
/// <param name="Values">The fields to set; the others stay as they are.</param>
public sealed record UpdateOperation(RecordType Type, RecordValues Values) : BulkOperation(Type)
{
    // A value that does not change is neither freed nor taken, because one statement cannot do both to one row.
    private static string TakeUniqueValues(SqlDialect dialect) =>
        TargetSql.GiveUpUniqueValues(
            "exists (select 1 from unnest(@unique_fields, @unique_keys) as n(field_id, key) "
                + "where n.field_id = u.field_id and n.key is distinct from u.key)",
            dialect)
        + $"""

                taken as (
                    insert into unique_values (account_id, field_id, key, record_id)
                    select c.account_id, n.field_id, n.key, c.id
                    from changed c cross join unnest(@unique_fields, @unique_keys) as n(field_id, key)
                    where n.key is not null and {Owner.First} is distinct from c.id{dialect.Refusable}),
            """;

    private static Probe Owner => new("unique_values u", "u.account_id = @account and u.field_id = n.field_id", "u.key", "n.key")
    {
        Id = "u.record_id",
    };

    public override IEnumerable<Field> UniqueFieldsSet => Type.Fields.Where(each => each.Unique && Values[each.Key] is not null);

    internal static UpdateOperation Read(RecordType type, OperationParams given)
    {
        given.Accept("fields");
        var fields = given.Find("fields") is { ValueKind: JsonValueKind.Object } found ? found : (JsonElement?)null;
        var values = fields is null ? new RecordValues() : ReadFields(type, fields.Value, given);
        if (fields is null || (values.IsEmpty && given.Faults.Count == 0))
        {
            given.Faults.Add(new Fault("params.fields", "required", "Expected an object with at least one field to set."));
        }

        return new UpdateOperation(type, values);
    }

    public override async Task<Fault?> FindFaultAsync(NpgsqlConnection connection, Guid account, CancellationToken cancellationToken)
    {
        foreach (var field in Type.Columns.Where(field => field.Target is not null && Values[field.Key] is not null))
        {
            // A field's target is the key of a built-in type, which is also the name of its table.
            var text = $"select exists (select 1 from {field.Target} where account_id = $1 and id = $2)";
            await using var command = new NpgsqlCommand(text, connection);
            command.Parameters.AddWithValue(account);
            command.Parameters.AddWithValue(Guid.Parse(Values[field.Key]!));
            if (await command.ExecuteScalarAsync(cancellationToken) is true) continue;
            return new Fault(PathOf(field), "not_found", $"There is no such record in {field.Target}.");
        }

        return null;
    }

    internal override TargetStatements CreateStatements(bool keepsChanges, SqlDialect dialect)
    {
        var change = new ChangeSql(Type, keepsChanges, dialect);
        SetColumns(change);
        if (Values.MentionedSlots(Type) is { Length: > 0 } slots)
        {
            change.Sets.Add(("custom", "(r.custom - @slots) || @custom::jsonb"));
            change.Values.Add("slots", slots);
            change.Values.Add("custom", Values.CustomJson(Type));
        }

        if (Values.Tags is { } tags) change.SetTags(tags);
        if (Type.UniqueValueFields.Where(field => Values.Has(field.Key)).ToList() is { Count: > 0 } unique)
        {
            change.UniqueValues = TakeUniqueValues(dialect);
            change.Values.Add("unique_fields", unique.Select(field => field.UniqueId!.Value));
            change.Values.Add("unique_keys", unique.Select(Key));
        }

        return change.ToStatements();
    }

    private protected override string PathOf(Field field) => $"params.fields.{Values.PathOf(field)}";

    private static RecordValues ReadFields(RecordType type, JsonElement fields, OperationParams given)
    {
        List<Fault> refused = [];
        var members = fields.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value));
        var values = RecordJson.Read(type, members, refused, takesText: true);
        refused.AddRange(values.BlankedIn(type));
        given.Faults.AddRange(refused.Take(OperationParams.MaxFaults)
            .Select(fault => new Fault($"params.fields.{fault.Path}", fault.Code, fault.Message, fault.Accepted)));
        return values;
    }

    private void SetColumns(ChangeSql change)
    {
        var left = Type.AnyOf.Select(key => !Values.Has(key) ? $"r.{key} is not null" : Values[key] is null ? "false" : "true");
        var clearsOne = Type.AnyOf.Any(key => Values.Has(key) && Values[key] is null);
        if (clearsOne) change.Faults.Add($"when not ({string.Join(" or ", left)}) then 'required'");
        foreach (var field in Type.Columns.Where(field => Values.Has(field.Key)))
        {
            change.Sets.Add((field.Key, $"@v_{field.Key}::{field.SqlType}"));
            change.Values.Add($"v_{field.Key}", Values[field.Key]);
            if (field.KeyColumn is { } key)
            {
                change.Sets.Add((key, $"@k_{field.Key}"));
                change.Values.Add($"k_{field.Key}", Key(field));
            }

            if (field.Kind != FieldKind.Reference || Values[field.Key] is null) continue;
            // If only the foreign key checked this, bisection would have to find the missing record again for each target.
            change.Faults.Add($"when {Probe.OfTarget(field, $"@v_{field.Key}").First} is null then 'not_found'");
        }
    }

    private string? Key(Field field) => Values[field.Key] is { } value ? MatchKeys.Of(field.MatchKey!.Value, value) : null;
}
