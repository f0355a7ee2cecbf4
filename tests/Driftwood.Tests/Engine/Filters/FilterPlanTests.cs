using System.Text.Json;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Json;
using Npgsql;

namespace Driftwood.Tests.Engine.Filters;

public sealed class FilterPlanTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private readonly EngineRig _rig = new(database.DataSource);

    [Fact]
    public async Task What_an_index_can_find_is_found_by_it()
    {
        var tenant = await _rig.NewTenantAsync();
        await AddManyAsync(tenant);

        await AssertUsesAsync("contacts_email", tenant, """{"field": "email", "op": "eq", "value": "C7@X.io"}""");
        await AssertUsesAsync("contacts_email", tenant, """{"field": "email", "op": "in", "value": ["c7@x.io", "c8@x.io"]}""");
        await AssertUsesAsync("contacts_phone", tenant, """{"field": "phone", "op": "starts_with", "value": "+47 12 34"}""");
        await AssertUsesAsync("contacts_tags", tenant, """{"field": "tags", "op": "has_tag", "value": "Rare"}""");
        await AssertUsesAsync("contacts_tags", tenant, """{"field": "tags", "op": "has_any_tag", "value": ["rare", "vip"]}""");
        await AssertUsesAsync("contacts_created", tenant, """{"field": "created_at", "op": "lt", "value": "2020-01-01T00:10:00Z"}""");
        await AssertUsesAsync("unique_values_pkey", tenant, """{"field": "login", "op": "eq", "value": "C7@X.io"}""");
        await AssertUsesAsync("unique_values_pkey", tenant, """{"field": "member_number", "op": "in", "value": [7, 8]}""");
        await AssertUsesAsync(
            "contacts_email", tenant,
            """
            {"and": [{"field": "email", "op": "eq", "value": "c7@x.io"}, {"not": {"field": "city", "op": "contains", "value": "os"}}]}
            """);
    }

    private async Task AddManyAsync(Tenant tenant)
    {
        await _rig.ExecuteAsync(
            """
            insert into contacts (account_id, id, email, email_key, phone, phone_key, tags, tag_keys, created_at, created_by, updated_at,
                updated_by)
            select @account, gen_random_uuid(), 'c' || n || '@x.io', 'c' || n || '@x.io', '+47' || n * 7919, '+47' || n * 7919,
                   case n % 1000 when 0 then '{rare}' else '{}' end::text[], case n % 1000 when 0 then '{rare}' else '{}' end::text[],
                   timestamptz '2020-01-01Z' + n * interval '1 minute', @owner, now(), @owner
            from generate_series(1, 20000) n
            """,
            ("account", tenant.Account), ("owner", tenant.Owner));
        foreach (var (field, key) in new[] { ("login", "email_key"), ("member_number", "split_part(substr(email_key, 2), '@', 1)") })
        {
            await _rig.ExecuteAsync(
                $"insert into unique_values (account_id, field_id, key, record_id) select account_id, @field, {key}, id from contacts "
                    + $"where account_id = @account",
                ("account", tenant.Account), ("field", FilterFields.Find(FilterTypes.MadeUp, field)!.UniqueId!.Value));
        }

        await _rig.ExecuteAsync("analyze contacts, unique_values");
    }

    private async Task AssertUsesAsync(string index, Tenant tenant, string json)
    {
        using var document = JsonDocument.Parse(json);
        var filter = FilterJson.Read(FilterTypes.MadeUp, document.RootElement, []);
        await using var command = database.DataSource.CreateCommand();
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Account });
        command.CommandText =
            $"explain select r.id from contacts r where r.account_id = $1 and {FilterSql.Write(filter!, command.Parameters)}";
        List<string> plan = [];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) plan.Add(reader.GetString(0));
        Assert.True(
            plan.Exists(line => line.Contains(index, StringComparison.Ordinal))
            && !plan.Exists(line => line.Contains("Seq Scan", StringComparison.Ordinal)), $"{json}\n{string.Join('\n', plan)}");
    }
}
