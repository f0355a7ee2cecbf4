namespace Driftwood.FaultTests.Campaign;

/// <summary>The accounts of a stage.</summary>
internal static class Customers
{
    public static async Task<List<Customer>> MakeAsync(Stage stage, Site site, bool isPlain = false)
    {
        List<Customer> customers = [];
        for (var n = 1; n <= stage.Settings.Accounts; n++)
        {
            var token = await site.CreateAccountAsync();
            var account = await stage.Observer.AccountOfAsync(token);
            customers.Add(new Customer(stage, $"account {n}", account, token, new Random((stage.Settings.Seed * 100) + n), isPlain));
        }

        return customers;
    }
}
