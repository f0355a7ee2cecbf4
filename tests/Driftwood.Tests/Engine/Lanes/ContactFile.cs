using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>A file of contacts with an e-mail and a city each.</summary>
internal sealed record ContactFile(string[] Emails, Func<int, string> City)
{
    public static readonly string[] Headers = ["Email", "City"];

    public static ContactFile Of(int rows) => new([.. Enumerable.Range(1, rows).Select(i => $"c{i}@x.io")], _ => "Oslo");

    public byte[] Bytes() =>
        Encoding.UTF8.GetBytes("Email,City\n" + string.Concat(Emails.Index().Select(e => $"{e.Item},{City(e.Index + 1)}\n")));

    public static ImportSpec Spec(DuplicateStrategy strategy = DuplicateStrategy.Merge) => new()
    {
        ColumnMapping = new Dictionary<string, string> { ["Email"] = "email", ["City"] = "city" },
        MatchOn = "email",
        DuplicateStrategy = strategy,
    };

    public Task<Guid> AddAsync(
        EngineRig rig, Tenant tenant, DuplicateStrategy strategy = DuplicateStrategy.Merge, int lanes = 1, long? total = null) =>
        rig.AddImportAsync(tenant, RecordTypes.Contacts, Spec(strategy), Headers, Bytes(), total ?? Emails.Length, lanes);

    public static async Task<int> CountAsync(EngineRig rig, Tenant tenant) =>
        (await rig.ListAsync("select email from contacts where account_id = @account", ("account", tenant.Account))).Count;
}
