using System.Globalization;
using System.Text;
using Driftwood.Engine;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>
/// Tests which keys of a file are contested. Rows match on their e-mail address. A key without one is shown by its row's number.
/// </summary>
public sealed class ContestedKeyScanTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const string Stored = "s1@x.io E1|s2@x.io E2| E3";

    private static readonly string[] Headers = ["Email", "Ext", "Level"];

    private static readonly Field Level = CustomFields.Make(
        Guid.CreateVersion7(), 1, "level", "Level", FieldKind.Decimal, required: false, unique: true, []);
    private static readonly RecordType Type = RecordTypes.Extend(RecordTypes.Contacts, [Level], 0);

    private readonly EngineRig _rig = new(database.DataSource);

    [Theory]
    [InlineData("values of their own", "a@x.io,A,1|b@x.io,B,2|c@x.io,,", "")]
    [InlineData("one value under two keys", "a@x.io,A,1|b@x.io,B,2|c@x.io,A,3", "a c")]
    [InlineData("one value twice under one key", "a@x.io,A,|b@x.io,B,| A@X.IO ,A,", "")]
    [InlineData("a key that contends in a later row only", "a@x.io,A,|b@x.io,B,|a@x.io,B,", "a b")]
    [InlineData("values compared as they are normalised", "a@x.io,,1.50|b@x.io,,1.5|c@x.io,,2", "a b")]
    [InlineData("the same text in different fields", "a@x.io,7,|b@x.io,,7", "")]
    [InlineData("rows without a key", ",A,|,B,|a@x.io,A,", "#1 a")]
    [InlineData("blank values", "a@x.io, ,|b@x.io,\u00A0,", "")]
    [InlineData("rows of too many columns", "a@x.io,A,|b@x.io,A,,more", "")]
    public async Task Of_a_file_alone(string _, string rows, string contested)
    {
        foreach (var strategy in Enum.GetValues<DuplicateStrategy>()) Assert.Equal(contested, await PlanAsync(rows, strategy, ""));
    }

    [Theory]
    [InlineData("a value of another key's record: both", "a@x.io,E1,|b@x.io,B,", "a s1")]
    [InlineData("a value of its own record", "s1@x.io,E1,|b@x.io,B,", "")]
    [InlineData("a value of a record without a key, which nothing matches", "a@x.io,E3,", "")]
    [InlineData("values changed round", "s1@x.io,E2,|s2@x.io,E1,", "s1 s2")]
    [InlineData("a stored value given up, and taken by another", "s1@x.io,new,|a@x.io,E1,", "a s1")]
    [InlineData("a row without a key", ",E2,|a@x.io,A,", "#1 s2")]
    [InlineData("a custom value of another key's record", "a@x.io,,1.0|s1@x.io,,1", "a s1")]
    public async Task Of_a_file_and_what_is_stored_where_matches_are_updated(string _, string rows, string contested)
    {
        Assert.Equal(contested, await PlanAsync(rows, DuplicateStrategy.Merge, Stored));
        Assert.Equal(contested, await PlanAsync(rows, DuplicateStrategy.Overwrite, Stored));
    }

    [Fact]
    public async Task What_is_stored_does_not_matter_where_matches_stay_as_they_are()
    {
        Assert.Equal("", await PlanAsync("s1@x.io,E2,|s2@x.io,E1,", DuplicateStrategy.Skip, Stored));
        Assert.Equal("", await PlanAsync("s1@x.io,E2,|s2@x.io,E1,", DuplicateStrategy.Merge, Stored, mode: ImportMode.CreateOnly));
    }

    [Fact]
    public async Task Several_passes_find_what_one_finds()
    {
        var random = new Random(3);
        var rows = string.Join(
            '|', Enumerable.Range(0, 3_000)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"p{i}@x.io,e{random.Next(9_000)},{random.Next(9_000)}")));

        var one = await PlanAsync(rows, DuplicateStrategy.Merge, Stored);
        var many = await PlanAsync(rows, DuplicateStrategy.Merge, Stored, new ScanLimits(100) { ValuesPerPass = 500 });

        Assert.InRange(one.Split(' ').Length, 500, 2_500);
        Assert.Equal(one, many);
    }

    [Fact]
    public async Task With_too_many_contested_keys_all_are_left_to_one_lane()
    {
        Assert.Equal(
            "a b c",
            await PlanAsync("a@x.io,A,|b@x.io,A,|c@x.io,A,", DuplicateStrategy.Skip, "", new ScanLimits(100) { MaxContested = 3 }));
        Assert.Equal(
            "all", await PlanAsync("a@x.io,A,|b@x.io,A,|c@x.io,A,", DuplicateStrategy.Skip, "", new ScanLimits(100) { MaxContested = 2 }));
    }

    [Fact]
    public async Task Keys_of_a_choice_are_those_of_the_file_and_not_as_options_are_spelled()
    {
        var tier = CustomFields.Make(
            Guid.CreateVersion7(), 2, "tier", "Tier", FieldKind.Choice, required: false, unique: true, ["Gold", "Old Silver"]);
        var type = RecordTypes.Extend(RecordTypes.Contacts, [tier], 0);
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, type);
        await _rig.AddRecordsAsync(
            tenant, type, [new PlainRecord { Id = Guid.CreateVersion7(), ["external_id"] = "E1", ["tier"] = "Gold" }]);
        var spec = new ImportSpec
        {
            ColumnMapping = new Dictionary<string, string> { ["Tier"] = "tier", ["Ext"] = "external_id" },
            MatchOn = "tier",
            DuplicateStrategy = DuplicateStrategy.Merge,
        };
        await using var planning = Make(tenant, type, spec, ["Tier", "Ext"], ["GOLD,new", "old  silver,E1"], new ScanLimits(10));

        var plan = await RunAsync(planning);

        Assert.Equal(
            new[] { "gold", "old silver" }.Select(key => unchecked((long)KeyHash.Of(Encoding.UTF8.GetBytes(key)))).Order(), plan.Contested);
    }

    /// <summary>The names of the contested keys, including those of stored records.</summary>
    private async Task<string> PlanAsync(
        string rows, DuplicateStrategy strategy, string stored, ScanLimits? limits = null, ImportMode mode = ImportMode.Upsert)
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, Type);
        var records = stored.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split(' ')).Select(MakeRecord).ToArray();
        await _rig.AddRecordsAsync(tenant, Type, records);
        var lines = rows.Split('|');
        var spec = new ImportSpec
        {
            ColumnMapping = new Dictionary<string, string> { ["Email"] = "email", ["Ext"] = "external_id", ["Level"] = "level" },
            MatchOn = "email",
            DuplicateStrategy = strategy,
            Mode = mode,
        };
        await using var planning = Make(tenant, Type, spec, Headers, lines, limits ?? new ScanLimits(10_000));
        return Show(await RunAsync(planning), lines, records);
    }

    private static ContestedKeyScan Make(
        Tenant tenant, RecordType type, ImportSpec spec, string[] headers, string[] lines, ScanLimits limits)
    {
        var file = Encoding.UTF8.GetBytes($"{string.Join(',', headers)}\n{string.Join('\n', lines)}\n");
        var format = new CsvFormat { Encoding = "utf-8", Delimiter = ',', ColumnCount = headers.Length };
        return new ContestedKeyScan(
            new ImportPlan(type, spec, headers), _ => Task.FromResult<Stream>(new MemoryStream(file)), format,
            new LaneRef(tenant.Account, Guid.Empty, 0), lines.Length, limits);
    }

    private async Task<LanePlan> RunAsync(ContestedKeyScan planning)
    {
        await using var connection = await _rig.Database.OpenConnectionAsync();
        await planning.FindAsync(connection, CancellationToken.None);
        return planning.Plan;
    }

    private static string Show(LanePlan plan, string[] lines, PlainRecord[] records)
    {
        if (plan.Contested is null) return "all";
        var keys = lines.Select(line => line.Split(',')[0].Trim().ToLowerInvariant())
            .Concat(records.Select(record => record["email"] ?? "")).Where(key => key.Length > 0);
        var names = keys.Distinct().ToDictionary(key => unchecked((long)KeyHash.Of(Encoding.UTF8.GetBytes(key))), key => key.Split('@')[0]);
        foreach (var number in Enumerable.Range(1, Math.Min(lines.Length, 10)))
        {
            names[unchecked((long)KeyHash.Of(BitConverter.GetBytes((long)number), 4_000))] = $"#{number}";
        }
        Assert.Equal(plan.Contested.Order(), plan.Contested);
        return string.Join(' ', plan.Contested.Select(hash => names[hash]).Order(StringComparer.Ordinal));
    }

    private static PlainRecord MakeRecord(string[] values, int index)
    {
        var record =
            new PlainRecord
            {
                Id = Guid.CreateVersion7(),
                ["first_name"] = "Ann",
                ["external_id"] = values[1],
                ["level"] = (index + 1).ToString(CultureInfo.InvariantCulture)
            };
        if (values[0].Length > 0) record["email"] = values[0];
        return record;
    }
}
