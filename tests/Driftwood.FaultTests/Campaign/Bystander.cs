namespace Driftwood.FaultTests.Campaign;

/// <summary>An account that requests nothing after its first import. It checks invariant I.</summary>
internal sealed class Bystander
{
    private readonly Guid _account;
    private readonly string _before;

    private Bystander(Guid account, string before) => (_account, _before) = (account, before);

    public static async Task<Bystander> MakeAsync(Stage stage, Site site)
    {
        var token = await site.CreateAccountAsync();
        var caller = new Caller(token, stage.Apis, stage.Tally);
        var random = new Random(stage.Settings.Seed);
        var work = ImportWork.MakePlain(random, new ContactBook([]), new People(random), 2_000);
        await new JobWatch(stage, caller).FollowAsync(work, await work.StartAsync(caller));
        var account = await stage.Observer.AccountOfAsync(token);
        return new Bystander(account, await stage.Observer.DigestAsync(account));
    }

    public async Task CheckAsync(Stage stage)
    {
        if (await stage.Observer.DigestAsync(_account) != _before)
        {
            stage.Violations.Add("I", "the bystander", "the contacts of an account that asked for nothing have changed");
        }
    }
}
