using System.Text.Json;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Records;
using Npgsql;

namespace Driftwood.Tests.Engine.Filters;

public sealed class FilterSqlPropertyTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int DefaultDataSets = 9;
    private const int TreesPerDataSet = 40;
    private const int RecordsPerDataSet = 40;
    private const int DrawsPerOperator = 4;

    private readonly EngineRig _rig = new(database.DataSource);

    [Fact]
    public async Task Any_filter_finds_in_the_database_what_it_means()
    {
        var failures = new List<string>();
        foreach (var seed in Cases.Seeds(DefaultDataSets))
        {
            Random random = new(seed);
            var (tenant, data, filters) = await NewDataAsync(random, FilterTypes.All[seed % FilterTypes.All.Count]);
            for (var i = 0; i < TreesPerDataSet; i++) await CompareAsync(tenant, data, filters.Tree(random.Next(6)), $"seed {seed}", failures);
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(5)));
    }

    [Fact]
    public async Task Every_operator_of_every_field_and_its_negation_find_what_they_mean()
    {
        var failures = new List<string>();
        var hits = new Dictionary<(FieldKind, FilterOperator), int>();
        foreach (var seed in Cases.Seeds(FilterTypes.All.Count))
        {
            var (tenant, data, filters) = await NewDataAsync(new Random(seed), FilterTypes.All[seed % FilterTypes.All.Count]);
            foreach (var field in FilterFields.All(data.Type))
            {
                foreach (var op in FilterOperators.Of(field.Kind).SelectMany(op => Enumerable.Repeat(op, DrawsPerOperator)))
                {
                    var comparison = filters.Comparison(field, op);
                    var found = await CompareAsync(tenant, data, comparison, $"seed {seed}", failures);
                    await CompareAsync(tenant, data, new Not(comparison), $"seed {seed}", failures);
                    hits[(field.Kind, op)] = hits.GetValueOrDefault((field.Kind, op)) + found;
                }
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(5)));
        // Values are drawn from the records: if nearly nothing were found, nothing would be tested.
        Assert.True(hits.Values.Count(hit => hit > 0) > hits.Count * 2 / 3, string.Join(", ", hits));
    }

    private async Task<(Tenant Tenant, FilterData Data, RandomFilters Filters)> NewDataAsync(Random random, RecordType type)
    {
        var tenant = await _rig.NewTenantAsync();
        Guid[] others = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        foreach (var other in new[] { RecordTypes.Companies, RecordTypes.Sources }.Where(other => other != type))
        {
            await _rig.AddRecordsAsync(tenant, other, [.. others.Select(id => new PlainRecord { Id = id, Values = { ["name"] = $"Name {id}" } })]);
        }

        FilterCells cells = new(random, others, [tenant.Owner, tenant.Worker]);
        FilterData data = new(type, tenant, cells, random);
        data.Make(RecordsPerDataSet);
        await data.StoreAsync(database.DataSource);
        await AddStrangerAsync(type);
        return (tenant, data, new RandomFilters(random, type, cells, data.Records));
    }

    /// <summary>Another account, whose fields have the same slots and are of other kinds: casting its values would fail.</summary>
    private async Task AddStrangerAsync(RecordType type)
    {
        var stranger = await _rig.NewTenantAsync();
        var custom = JsonSerializer.Serialize(Enumerable.Range(1, 22).ToDictionary(slot => slot, slot => "no number, no date"));
        var name = type.Table == "contacts" ? "last_name" : "name, name_key";
        var value = type.Table == "contacts" ? "'Ann'" : "'Ann', 'ann'";
        await _rig.ExecuteAsync(
            $"""
            insert into {type.Table} (account_id, id, {name}, custom, created_at, created_by, updated_at, updated_by)
            select @account, gen_random_uuid(), {value}, @custom::jsonb, now(), @owner, now(), @owner from generate_series(1, 20)
            """,
            ("account", stranger.Account), ("owner", stranger.Owner), ("custom", custom));
    }

    /// <returns>How many records were found.</returns>
    private async Task<int> CompareAsync(Tenant tenant, FilterData data, Filter filter, string seed, List<string> failures)
    {
        var expected = data.Records.Where(record => FilterMeaning.Holds(filter, record)).Select(record => record.Id).ToHashSet();
        await using NpgsqlCommand command = database.DataSource.CreateCommand();
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Account });
        command.CommandText = $"select r.id from {data.Type.Table} r where r.account_id = $1 and {FilterSql.Write(filter, command.Parameters)}";
        HashSet<Guid> found = [];
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) found.Add(reader.GetGuid(0));
        }
        catch (PostgresException refused)
        {
            failures.Add($"{seed}: {FilterJson.Write(filter)}\n  {command.CommandText}\n  {refused.MessageText}");
            return 0;
        }

        if (!found.SetEquals(expected))
        {
            var wrong = data.Records.First(record => found.Contains(record.Id) != expected.Contains(record.Id));
            failures.Add($"{seed}: {FilterJson.Write(filter)}\n  {command.CommandText}\n  found {found.Count}, expected {expected.Count}; differs on {JsonSerializer.Serialize(wrong.Values)} {JsonSerializer.Serialize(wrong.Tags)}");
        }

        return found.Count;
    }
}
