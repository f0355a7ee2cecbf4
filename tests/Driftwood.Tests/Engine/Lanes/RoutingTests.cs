using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Tests.Engine.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>
/// Every statement that jobs run names the account of every table that it reads or writes, so that it can only ever touch one account.
/// </summary>
public sealed partial class RoutingTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    // A worker that is free looks for a lane of any account, the fairest first; between chunks it looks whether another account waits.
    // On a distributed database the first two have other forms, which lock nothing.
    private static readonly string[] AcrossAccounts =
    [
        "Claims one lane", "Runs between chunks after a lane's turn is over", "Finds the lanes that a free worker",
        "Whether an account with fewer than @lanes running lanes",
    ];

    // Maintenance looks over all accounts for what is due.
    private static readonly string[] AcrossAccountsInMaintenance =
    [
        "Lanes that nobody holds", "Jobs whose lanes have all ended", "Maintenance jobs that failed ten minutes ago",
        "Marks dry runs whose state nobody needs any more", "select account_id, id from jobs where dry_run_state = 'removing'",
    ];

    [Fact]
    public async Task A_statement_names_the_account_of_each_of_its_tables()
    {
        using var log = new StatementLog();
        await using var source = new NpgsqlDataSourceBuilder(database.ConnectionString).UseLoggerFactory(log).Build();
        var (jobs, files) = (new JobsOfAllKinds(), new EngineRig(database.DataSource));
        var tenant = await files.NewTenantAsync();
        await files.AddTypeAsync(tenant, jobs.Type);
        await jobs.FillAsync(files, tenant, JobsOfAllKinds.Stored);
        foreach (var (_, add) in jobs.All())
        {
            var job = await add(files, tenant);
            for (var end = LaneEnd.Prepared; end == LaneEnd.Prepared;)
            {
                end = (await new EngineRig(source).RunLaneAsync(tenant, job, JobsOfAllKinds.Options, files.OpenAsync)).End;
            }
        }

        Assert.InRange(log.Statements.Count, 80, int.MaxValue);
        Assert.Empty(log.Statements.Where(text => !AcrossAccounts.Any(text.Contains)).SelectMany(Unbound));
    }

    [Fact]
    public void A_statement_for_a_cluster_names_the_account_of_each_of_its_tables()
    {
        string[] across = [.. AcrossAccounts, .. AcrossAccountsInMaintenance];
        var files = JobStatements.OfFiles().ToList();
        Assert.All(AcrossAccountsInMaintenance, name => Assert.Contains(files, text => text.Contains(name)));
        var texts = files.Where(text => !across.Any(text.Contains)).Concat(JobStatements.OfImports(SqlDialect.Citus))
            .Concat(JobStatements.OfBulkJobs(SqlDialect.Citus)).Concat(JobStatements.OfUndos(SqlDialect.Citus));
        Assert.Empty(texts.SelectMany(Unbound).Distinct());
    }

    [Theory]
    [InlineData("select 1 from contacts r where r.account_id = @account", 0)]
    [InlineData("select 1 from contacts where account_id = $1", 0)]
    [InlineData("select 1 from contacts r where r.id = @id", 1)]
    [InlineData("select 1 from jobs j join lanes l on l.account_id = j.account_id where j.account_id = @account", 0)]
    [InlineData("select 1 from jobs j join lanes l on l.job_id = j.id where j.account_id = @account", 1)]
    [InlineData("delete from row_errors where ctid = any (@places)", 1)]
    [InlineData("insert into unique_values select account_id from stage s where s.account_id = @account", 0)]
    [InlineData("update contacts r set city = null from stage s where s.account_id = @account", 1)]
    public void A_table_without_its_account_is_seen(string text, int unbound) => Assert.Equal(unbound, Unbound(text).Count());

    private static IEnumerable<string> Unbound(string statement)
    {
        var text = Comments().Replace(statement, "");
        foreach (Match match in Relations().Matches(text))
        {
            var (table, alias) = (match.Groups["table"].Value, match.Groups["alias"].Value);
            var column = alias is "" or "where" or "set" or "order" or "limit" or "on" ? "account_id" : $"{alias}.account_id";
            var isBound = Regex.IsMatch(text, $@"(?<![\w.]){Regex.Escape(column)}\s*=\s*(@account|\$\d|\w+\.account_id)")
                || Regex.IsMatch(text, $@"\w+\.account_id\s*=\s*{Regex.Escape(column)}\b");
            if (!isBound) yield return $"{table} {alias}: {text}";
        }
    }

    [GeneratedRegex(@"--[^\n]*")]
    private static partial Regex Comments();

    [GeneratedRegex(
        @"(?<!insert )\b(from|join|update|into|using)\s+(?<table>contacts|companies|sources|custom_records|unique_values|dry_run_keys|"
        + "dry_run_records|bulk_target_runs|bulk_items|target_failures|row_errors|row_warnings|lanes|jobs|imports|uploads|bulk_jobs|"
        + @"lane_plans|fields|record_types|record_schemas|stage|claims)\b(\s+(as\s+)?(?<alias>\w+))?",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Relations();

    /// <summary>The texts of all statements that a data source has sent.</summary>
    private sealed class StatementLog : ILoggerFactory, ILogger
    {
        private readonly ConcurrentDictionary<string, bool> _statements = new();

        public ICollection<string> Statements => _statements.Keys;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is not IEnumerable<KeyValuePair<string, object?>> values) return;
            foreach (var (name, value) in values)
            {
                if (name is "CommandText" && value is string text) _statements.TryAdd(text, true);
                if (name is "BatchCommands" && value is not null) _statements.TryAdd($"{value}", true);
            }
        }

        public void Dispose()
        {
        }
    }
}
