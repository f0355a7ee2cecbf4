using System.Text.Json;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Json;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>
/// Filters mean in the database what they mean in memory. Each record type has a class of its own, so that the types are tested side by
/// side.
/// </summary>
public abstract class FilterSqlPropertyTests : IClassFixture<EngineDatabase>
{
    private const int DefaultDataSets = 2;
    private const int TreesPerDataSet = 40;
    private const int RecordsPerDataSet = 40;
    private const int DrawsPerOperator = 2;

    private readonly EngineDatabase _database;
    private readonly EngineRig _rig;
    private readonly RecordQueries _queries;
    private readonly RecordType _type;

    private protected FilterSqlPropertyTests(EngineDatabase database, RecordType type)
    {
        (_database, _type) = (database, type);
        _rig = new EngineRig(database.DataSource);
        _queries = new RecordQueries(database.DataSource);
    }

    [Fact]
    public async Task Any_filter_finds_in_the_database_what_it_means()
    {
        var failures = new List<string>();
        foreach (var seed in Cases.Seeds(DefaultDataSets))
        {
            Random random = new(seed);
            var (tenant, data, filters) = await NewDataAsync(random, _type);
            for (var i = 0; i < TreesPerDataSet; i++)
            {
                await CompareAsync(tenant, data, filters.Tree(random.Next(6)), $"seed {seed}", failures);
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(5)));
    }

    [Fact]
    public async Task Every_operator_of_every_field_and_its_negation_find_what_they_mean()
    {
        var failures = new List<string>();
        var hits = new Dictionary<(FieldKind, FilterOperator), int>();
        foreach (var seed in Cases.Seeds(1))
        {
            var (tenant, data, filters) = await NewDataAsync(new Random(seed), _type);
            foreach (var field in FilterFields.All(data.Type))
            {
                foreach (var op in field.Type.Operators.SelectMany(op => Enumerable.Repeat(op, DrawsPerOperator)))
                {
                    var comparison = filters.Comparison(field, op);
                    var found = await CompareAsync(tenant, data, comparison, $"seed {seed}", failures);
                    await CompareAsync(tenant, data, new Not(comparison), $"seed {seed}", failures);
                    hits[(field.Kind, op)] = hits.GetValueOrDefault((field.Kind, op)) + found;
                }
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(5)));
        // Values come from the records. If almost no filter found a record, the test would test nothing.
        Assert.True(hits.Values.Count(hit => hit > 0) > hits.Count * 2 / 3, string.Join(", ", hits));
    }

    /// <param name="made">The account gets rows for its custom parts. The test uses the type that the catalog reads from them.</param>
    private async Task<(Tenant Tenant, FilterData Data, RandomFilters Filters)> NewDataAsync(Random random, RecordType made)
    {
        var tenant = await _rig.NewTenantAsync();
        var type = await AddTypeAsync(tenant, made);
        Guid[] others = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        foreach (var other in new[] { RecordTypes.Companies, RecordTypes.Sources }.Where(other => other != type))
        {
            await _rig.AddRecordsAsync(
                tenant, other, [.. others.Select(id => new PlainRecord { Id = id, Values = { ["name"] = $"Name {id}" } })]);
        }

        FilterCells cells = new(random, others, [tenant.Owner, tenant.Worker]);
        FilterData data = new(type, tenant, cells, random);
        data.Make(RecordsPerDataSet);
        await data.StoreAsync(_database.DataSource);
        await _rig.AddTimesAsync(tenant, type);
        await AddStrangersAsync(await _rig.NewTenantAsync(), type);
        if (type.TypeId is not null)
        {
            await data.CopyTo(await AddTypeAsync(tenant, FilterTypes.Sibling)).StoreAsync(_database.DataSource);
            await AddStrangersAsync(tenant, type);
        }

        return (tenant, data, new RandomFilters(random, type, cells, data.Records));
    }

    private async Task<RecordType> AddTypeAsync(Tenant tenant, RecordType made)
    {
        await _rig.AddTypeAsync(tenant, made);
        return (await new RecordTypeCatalog(_database.DataSource)
            .FindAsync(tenant.Account, made.Key, TestContext.Current.CancellationToken))!;
    }

    /// <summary>
    /// Adds records to the same table, from another account or another custom type. Their fields have the same slots but other kinds,
    /// so a cast of their values would fail.
    /// </summary>
    private async Task AddStrangersAsync(Tenant tenant, RecordType type)
    {
        var custom = JsonSerializer.Serialize(type.CustomFields.ToDictionary(field => field.Slot!.Value, _ => "no number, no date"));
        var (names, values) = type switch
        {
            { TypeId: not null } => ("type_id, name, name_key", "@type, 'Ann', 'ann'"),
            { Table: "contacts" } => ("last_name", "'Ann'"),
            _ => ("name, name_key", "'Ann', 'ann'"),
        };
        await _rig.ExecuteAsync(
            $"""
            insert into {type.Table} (account_id, id, {names}, custom, created_at, created_by, updated_at, updated_by)
            select @account, gen_random_uuid(), {values}, @custom::jsonb, now(), @owner, now(), @owner from generate_series(1, 20)
            """,
            ("account", tenant.Account), ("type", Guid.CreateVersion7()), ("owner", tenant.Owner), ("custom", custom));
    }

    /// <returns>The number of records found.</returns>
    private async Task<int> CompareAsync(Tenant tenant, FilterData data, Filter filter, string seed, List<string> failures)
    {
        var expected = data.Records.Where(record => FilterMeaning.Holds(filter, record)).Select(record => record.Id).OrderDescending()
            .ToArray();
        RecordQuery query = new(data.Type, filter);
        try
        {
            var page = await _queries.ListAsync(
                query, tenant.Account, after: null, limit: 2 * RecordsPerDataSet, TestContext.Current.CancellationToken);
            var found = page.Records.Select(record => record.Id).ToArray();
            var count = await _queries.CountAsync(query, tenant.Account, TestContext.Current.CancellationToken);
            if (!found.SequenceEqual(expected) || count != expected.Length)
            {
                failures.Add(
                    $"{seed}: {data.Type.Key} {FilterJson.Write(filter)}\n  found {found.Length}, counted {count}, expected "
                    + $"{expected.Length}{Difference(data, found, expected)}");
            }

            return found.Length;
        }
        catch (PostgresException refused)
        {
            failures.Add($"{seed}: {data.Type.Key} {FilterJson.Write(filter)}\n  {refused.MessageText}");
            return 0;
        }
    }

    private static string Difference(FilterData data, Guid[] found, Guid[] expected)
    {
        var wrong = found.Except(expected).Concat(expected.Except(found)).ToArray();
        if (wrong.Length == 0) return "";
        return data.Records.Find(record => record.Id == wrong[0]) is { } record
            ? $"; differs on {JsonSerializer.Serialize(record.Values)} {JsonSerializer.Serialize(record.Tags)}"
            : "; one is not of the type";
    }
}

public sealed class ContactFilterSqlTests(EngineDatabase database) : FilterSqlPropertyTests(database, RecordTypes.Contacts);

public sealed class CompanyFilterSqlTests(EngineDatabase database) : FilterSqlPropertyTests(database, RecordTypes.Companies);

public sealed class CustomFieldFilterSqlTests(EngineDatabase database) : FilterSqlPropertyTests(database, FilterTypes.MadeUp);

public sealed class CustomTypeFilterSqlTests(EngineDatabase database) : FilterSqlPropertyTests(database, FilterTypes.Projects);
