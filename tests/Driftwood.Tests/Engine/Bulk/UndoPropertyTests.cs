using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Npgsql;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>
/// Jobs and people change the same records, and some of the jobs are taken back in any order. The expected records follow from the
/// records before the job, after it, and just before the undo alone.
/// </summary>
public sealed class UndoPropertyTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int DefaultCases = 2_000;
    private const int CasesAtOnce = 4;
    private const int MaxFailures = 3;
    private const int People = 24;

    private static readonly string[] Cities = ["Oslo", "Rome", "Bergen"];

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly RecordStore _records = new(database.DataSource);

    [Fact]
    public async Task An_undo_gives_back_what_nobody_has_changed_since_and_names_the_rest()
    {
        ConcurrentBag<string> failures = [];
        var told = 0;
        // Most of a case is waiting for the database. Each case has its own account.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = CasesAtOnce };
        await Parallel.ForEachAsync(Cases.Seeds(DefaultCases), parallel, async (seed, _) =>
        {
            if (failures.Count >= MaxFailures) return;
            var world = new World(_rig, _records, await _rig.NewTenantAsync(), new Random(seed));
            if (await world.RunAsync() is { } difference) failures.Add($"seed {seed}: {difference}");
            Interlocked.Add(ref told, world.Told);
        });

        Assert.True(failures.IsEmpty, string.Join('\n', failures));
        Assert.True(told > 0, "No case had a record that was kept or failed.");
    }

    /// <summary>A job with the records before and after it.</summary>
    private sealed record Done(Guid Job, int Lanes, Dictionary<string, JsonObject> Before, Dictionary<string, JsonObject> After);

    /// <summary>A dry run of an undo, what it foretold, and whether it changed a record.</summary>
    private sealed record DryRun(Guid Id, string Outcome, bool HasChanged);

    private sealed class World(EngineRig rig, RecordStore records, Tenant tenant, Random random)
    {
        private readonly LaneOptions _options = new() { ChunkRows = 1 + random.Next(20) };
        private readonly StringBuilder _story = new();
        private int _newcomers;

        /// <summary>Targets that an undo kept or could not take back.</summary>
        public int Told { get; private set; }

        public async Task<string?> RunAsync()
        {
            await AddPeopleAsync();
            List<Done> jobs = [];
            for (var n = 1 + random.Next(3); n > 0; n--)
            {
                await WriteAsync();
                jobs.Add(await RunJobAsync());
            }

            await WriteAsync();
            foreach (var job in random.GetItems(jobs.ToArray(), jobs.Count).Distinct())
            {
                if (await UndoAsync(job) is { } difference) return difference + "\n" + _story;
                await rig.RequireSoundLogAsync(tenant);
                await WriteAsync();
            }

            return null;
        }

        private async Task<string?> UndoAsync(Done job)
        {
            var now = await ReadAsync();
            var dry = random.Next(2) == 0 ? await DryRunAsync(job) : null;
            var (undo, outcome) = await RunUndoAsync(job, isDryRun: false);
            if (dry is not null && await FindDryRunFaultAsync(dry, undo, outcome) is { } untrue) return $"dry run of {job.Job}: {untrue}";
            var state = await rig.StateAsync(tenant, undo);
            var (expected, told) = Expected(job, now);
            var found = await ReadAsync();
            var outcomes = await rig.ListAsync(
                "select distinct record_id::text from target_failures where job_id = @job order by 1", ("job", undo));
            Told += outcomes.Count;
            List<string> differences = [];
            if (state.Status != "completed") differences.Add($"{state}");
            foreach (var id in expected.Keys.Union(found.Keys))
            {
                var (wanted, is_) = (expected.GetValueOrDefault(id)?.ToJsonString(), found.GetValueOrDefault(id)?.ToJsonString());
                if (wanted != is_) differences.Add($"{id}\n  expected: {wanted}\n  found:    {is_}");
            }

            foreach (var id in told.Except(outcomes)) differences.Add($"not told: {id}");
            foreach (var id in outcomes.Except(told)) differences.Add($"told: {id}");
            return differences.Count == 0 ? null : $"undo of {job.Job}: {string.Join('\n', differences)}";
        }

        private async Task<DryRun> DryRunAsync(Done job)
        {
            var data = await rig.DataAsync(tenant);
            var (id, outcome) = await RunUndoAsync(job, isDryRun: true);
            var changes = await rig.ListAsync(
                "select id::text from changes where job_id = @job and effect <> 'would_update'", ("job", id));
            return new DryRun(id, outcome, changes.Count > 0 || !data.SequenceEqual(await rig.DataAsync(tenant)));
        }

        private async Task<string?> FindDryRunFaultAsync(DryRun dry, Guid undo, string outcome)
        {
            if (dry.HasChanged) return "it changed something";
            if (dry.Outcome != outcome) return $"\n  foretold: {dry.Outcome}\n  outcome:  {outcome}";
            var (wouldRestore, restored) = (await RestoredAsync(dry.Id, "would_update"), await RestoredAsync(undo, "updated"));
            return wouldRestore.SequenceEqual(restored) ? null
                : $"would restore\n{string.Join('\n', wouldRestore)}\nrestored\n{string.Join('\n', restored)}";
        }

        private Task<List<string>> RestoredAsync(Guid job, string effect) => rig.ListAsync(
            """
            select c.lane || ' ' || u.id || ' ' || u.detail
            from changes c cross join unnest(c.record_ids, string_to_array(c.details, E'\n')) as u (id, detail)
            where c.job_id = @job and c.effect = @effect order by 1
            """,
            ("job", job), ("effect", effect));

        private async Task<(Guid Id, string Outcome)> RunUndoAsync(Done job, bool isDryRun)
        {
            var undo = await rig.AddUndoAsync(tenant, RecordTypes.Contacts, job.Job, isDryRun);
            await new LaneStorm(rig, tenant, undo, job.Lanes, _options).RunAsync(random.Next(5) == 0 ? random : null);
            var outcomes = await rig.ListAsync(
                """
                select target_index || ' ' || record_id || ' ' || code || ' ' || message from target_failures
                where job_id = @job order by target_index
                """,
                ("job", undo));
            return (undo, $"{await rig.StateAsync(tenant, undo)}\n{string.Join('\n', outcomes)}");
        }

        private static (Dictionary<string, JsonObject> Records, HashSet<string> Told) Expected(
            Done job, Dictionary<string, JsonObject> now)
        {
            var expected = now.ToDictionary(pair => pair.Key, pair => (JsonObject)pair.Value.DeepClone());
            HashSet<string> told = [];
            foreach (var id in job.After.Keys.Except(job.Before.Keys))
            {
                if (now.TryGetValue(id, out var record) && JsonNode.DeepEquals(record, job.After[id])) expected.Remove(id);
                else told.Add(id);
            }

            var mails = expected.ToDictionary(pair => pair.Value["email_key"]!.GetValue<string>(), pair => pair.Key);
            foreach (var (id, before) in job.Before)
            {
                if (!job.After.TryGetValue(id, out var after))
                {
                    // The job deleted it.
                    if (now.ContainsKey(id) || mails.ContainsKey(before["email_key"]!.GetValue<string>())) told.Add(id);
                    else expected[id] = (JsonObject)before.DeepClone();
                    continue;
                }

                string[] changed = [.. before.Select(field => field.Key).Where(key => !JsonNode.DeepEquals(before[key], after[key]))];
                if (changed.Length == 0) continue;
                if (!now.TryGetValue(id, out var record))
                {
                    told.Add(id);
                    continue;
                }

                foreach (var key in changed)
                {
                    if (JsonNode.DeepEquals(record[key], after[key])) expected[id][key] = before[key]?.DeepClone();
                    else if (!JsonNode.DeepEquals(record[key], before[key])) told.Add(id);
                }
            }

            return (expected, told);
        }

        private async Task<Done> RunJobAsync()
        {
            var before = await ReadAsync();
            var ids = before.Keys.Select(Guid.Parse).ToArray();
            Guid[] targets = ids.Length == 0 ? [Guid.CreateVersion7()] : [.. random.GetItems(ids, 1 + random.Next(12)).Distinct()];
            var lanes = 1 + random.Next(3);
            var (name, parameters) = random.Next(5) switch
            {
                0 => ("delete", "{}"),
                1 => ("tag", """{"add": ["vip"], "remove": ["old"]}"""),
                2 => ("tag", """{"set": ["only"]}"""),
                3 => ("update", $$$"""{"fields": {"city": "{{{Pick(Cities)}}}", "job_title": null}}"""),
                _ => ("import", ""),
            };
            var job = name == "import"
                ? await AddImportAsync(lanes)
                : await rig.AddBulkAsync(tenant, RecordTypes.Contacts, name, parameters, targets, lanes);
            await new LaneStorm(rig, tenant, job, lanes, _options).RunAsync(random.Next(5) == 0 ? random : null);
            Assert.Equal("completed", (await rig.StateAsync(tenant, job)).Status);
            _story.AppendLine(CultureInfo.InvariantCulture, $"  {name} {parameters} as {job}");
            return new Done(job, lanes, before, await ReadAsync());
        }

        private async Task<Guid> AddImportAsync(int lanes)
        {
            string[] headers = ["email", "first_name", "city", "tags"];
            var spec = new ImportSpec
            {
                ColumnMapping = headers.ToDictionary(header => header, header => header),
                MatchOn = "email",
                DuplicateStrategy = random.Next(2) == 0 ? DuplicateStrategy.Merge : DuplicateStrategy.Overwrite,
            };
            string[] lines =
            [
                .. Enumerable.Range(0, People * 2).Where(_ => random.Next(3) == 0)
                    .Select(person => $"p{person}@x.io,{Pick(["Ann", ""])},{Pick(["", .. Cities])},{Pick(["vip", "", "new"])}"),
            ];
            var file = Encoding.UTF8.GetBytes(string.Join('\n', [string.Join(',', headers), .. lines]));
            return await rig.AddImportAsync(tenant, RecordTypes.Contacts, spec, headers, file, lines.Length, lanes);
        }

        /// <summary>A person changes, deletes and creates a few records.</summary>
        private async Task WriteAsync()
        {
            var ids = (await ReadAsync()).Keys.Select(Guid.Parse).ToArray();
            Guid[] some = ids.Length == 0 ? [] : random.GetItems(ids, random.Next(6));
            foreach (var id in some.Distinct())
            {
                if (random.Next(5) == 0)
                {
                    await CommitAsync(connection =>
                        records.DeleteAsync(connection, RecordTypes.Contacts, tenant.Account, tenant.Owner, id, CancellationToken.None));
                    _story.AppendLine(CultureInfo.InvariantCulture, $"  a person deletes {id}");
                    continue;
                }

                var (field, value) = random.Next(3) switch
                {
                    0 => ("city", Pick(Cities)),
                    1 => ("first_name", Pick(["Ann", "Bea"])),
                    _ => ("job_title", Pick(["CEO", "CTO"])),
                };
                RecordValues values = new();
                Assert.Null(values.Set(RecordTypes.Contacts.Find(field)!, value));
                await CommitAsync(connection => records.UpdateAsync(
                    connection, RecordTypes.Contacts, tenant.Account, tenant.Owner, id, values, CancellationToken.None));
                _story.AppendLine(CultureInfo.InvariantCulture, $"  a person sets {field} of {id} to {value}");
            }

            // Some have an address that a job may have deleted, so that its record cannot come back.
            if (random.Next(2) == 0) await CreateAsync(random.Next(2) == 0 ? $"p{random.Next(People)}@x.io" : $"n{_newcomers++}@x.io");
        }

        private async Task AddPeopleAsync()
        {
            List<PlainRecord> people = [];
            for (var person = 0; person < People; person++)
            {
                people.Add(new PlainRecord
                {
                    Id = Guid.CreateVersion7(),
                    Values = { ["email"] = $"p{person}@x.io", ["city"] = Pick(Cities), ["job_title"] = "CEO" },
                });
            }

            await rig.AddRecordsAsync(tenant, RecordTypes.Contacts, people);
        }

        private async Task CreateAsync(string email)
        {
            RecordValues values = new();
            foreach (var (field, value) in new[] { ("email", email), ("city", Pick(Cities)), ("job_title", "CEO") })
            {
                Assert.Null(values.Set(RecordTypes.Contacts.Find(field)!, value));
            }

            // An address that is taken is refused by the database, and the commit then is a rollback.
            await CommitAsync(connection => records.CreateAsync(
                connection, RecordTypes.Contacts, tenant.Account, tenant.Owner, values, CancellationToken.None));
        }

        private async Task CommitAsync<T>(Func<NpgsqlConnection, Task<T>> writeAsync)
        {
            await using var connection = await rig.Database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await writeAsync(connection);
            await transaction.CommitAsync();
        }

        private async Task<Dictionary<string, JsonObject>> ReadAsync()
        {
            var rows = await rig.ListAsync(
                "select (to_jsonb(r) - 'updated_at' - 'updated_by')::text from contacts r where account_id = @account",
                ("account", tenant.Account));
            return rows.Select(row => (JsonObject)JsonNode.Parse(row)!).ToDictionary(row => row["id"]!.GetValue<string>());
        }

        private string Pick(string[] values) => values[random.Next(values.Length)];
    }
}
