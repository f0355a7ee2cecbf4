using Driftwood.Api.Platform.Persistence;
using Driftwood.Data;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Driftwood.Tests.Platform;

public sealed class DatabaseServicesTests
{
    [Theory]
    [InlineData("", 1, 30)]
    [InlineData("", 20, 100)]
    [InlineData(";Maximum Pool Size=7", 1, 7)]
    [InlineData(";MaxPoolSize=100", 1, 100)]
    public async Task The_pool_is_small_enough_for_several_nodes_unless_its_size_is_given(string given, int workers, int size)
    {
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddDatabase(new DatabaseRoute($"Host=127.0.0.1;Database=x{given}"), workers)
            .BuildServiceProvider();
        var settings = new NpgsqlConnectionStringBuilder(services.GetRequiredService<NpgsqlDataSource>().ConnectionString);

        Assert.Equal((size, "driftwood"), (settings.MaxPoolSize, settings.ApplicationName));
    }
}
