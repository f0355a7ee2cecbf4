using Driftwood.Api.Platform.Persistence;
using Npgsql;

namespace Driftwood.Tests.Platform;

public sealed class DatabaseUrlTests
{
    [Theory]
    [InlineData("postgres://ann:s3cret@db.example.com:6543/crm", "Host=db.example.com;Port=6543;Username=ann;Password=s3cret;Database=crm")]
    [InlineData("postgresql://db.example.com/crm", "Host=db.example.com;Database=crm")]
    [InlineData(
        "postgres://a%40b:p%3Aq%2F%3B%25@[::1]/my%20crm?sslmode=verify-full&application_name=crm&connect_timeout=7",
        "Host=::1;Username=a@b;Password='p:q/;%';Database=my crm;SSL Mode=VerifyFull;Application Name=crm;Timeout=7")]
    [InlineData("POSTGRES:///crm?host=/var/run/postgresql&user=ann", "Host=/var/run/postgresql;Username=ann;Database=crm")]
    public void A_URL_is_a_connection_string(string url, string same)
    {
        Assert.True(DatabaseUrl.IsMeantBy(url));
        var read = new NpgsqlConnectionStringBuilder(DatabaseUrl.ToConnectionString(url));
        Assert.Equal(new NpgsqlConnectionStringBuilder(same).ToHashSet(), read.ToHashSet());
    }

    [Theory]
    [InlineData("postgres://ann:s3cret@db:port/crm", "cannot be read")]
    [InlineData("postgres://ann:s3cret@db/crm?sslmod=require", "not supported: sslmod")]
    [InlineData("postgres://ann:s3cret@db/crm?sslmode=s3cret", "")]
    public void What_is_wrong_is_said_without_a_value(string url, string reason)
    {
        var refused = Assert.ThrowsAny<ArgumentException>(() => DatabaseUrl.ToConnectionString(url));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", refused.Message, StringComparison.Ordinal);
    }
}
