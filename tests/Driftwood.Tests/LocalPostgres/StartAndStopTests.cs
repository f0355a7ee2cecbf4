using System.Net.Sockets;
using Driftwood.LocalPostgres;
using Npgsql;
using Xunit;

namespace Driftwood.Tests.LocalPostgres;

public sealed class StartAndStopTests : ServerTest
{
    [Fact]
    public async Task A_restart_keeps_the_data_and_the_port()
    {
        var first = await StartAsync();
        await ScalarAsync(first, "create table kept as select 7 as n");
        await first.DisposeAsync();
        Assert.Null(first.ProcessId);

        await using var second = await StartAsync();

        Assert.Equal(7, await ScalarAsync(second, "select n from kept"));
        Assert.Equal(first.Port, second.Port);
        Assert.Equal(first.ConnectionString(), second.ConnectionString());
    }

    [Fact]
    public async Task The_server_is_private_durable_where_asked_and_speaks_utf8()
    {
        Options = Options with { Profile = LocalPostgresProfile.Durable };
        await using var server = await StartAsync();

        Assert.Equal("127.0.0.1", await ScalarAsync(server, "show listen_addresses"));
        Assert.Equal("", await ScalarAsync(server, "show unix_socket_directories"));
        Assert.Equal("on", await ScalarAsync(server, "show fsync"));
        Assert.Equal("on", await ScalarAsync(server, "show synchronous_commit"));
        // The server compresses with lz4 if it can.
        Assert.Equal(
            true, await ScalarAsync(
            server, "select setting = case when 'lz4' = any (enumvals) then 'lz4' else setting end and setting <> 'off' from pg_settings "
            + "where name = 'wal_compression'"));
        Assert.Equal("UTF8", await ScalarAsync(server, "show server_encoding"));
        Assert.Equal("àé", await ScalarAsync(server, "select lower('ÀÉ')"));
        Assert.Equal(true, await ScalarAsync(server, "select 'a' collate \"default\" > 'B'"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Path.Combine(Options.DataDirectory, "password")));
        }
    }

    [Fact]
    public async Task The_log_has_errors_but_no_values()
    {
        await using var server = await StartAsync();
        await ScalarAsync(server, "create table people (email text primary key)");
        await ScalarAsync(server, "insert into people values ('ingrid@fjord.example')");
        await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(server, "insert into people values ('ingrid@fjord.example')"));

        var log = await File.ReadAllTextAsync(server.LogFile, Ct);
        Assert.Contains("duplicate key value", log, StringComparison.Ordinal);
        Assert.DoesNotContain("ingrid", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_enters_without_the_password()
    {
        await using var server = await StartAsync();
        var guess = new NpgsqlConnectionStringBuilder(server.ConnectionString()) { Password = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(guess.ConnectionString);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Ct));

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task Where_there_is_no_setsid_pg_ctl_starts_the_server()
    {
        Options = Options with { ThroughPgCtl = true };
        var server = await StartAsync();

        Assert.Equal("", await ScalarAsync(server, "show unix_socket_directories"));
        await server.DisposeAsync();

        Assert.Null(server.ProcessId);
        await File.AppendAllTextAsync(Path.Combine(server.ClusterDirectory, "postgresql.conf"), "no_such_setting = 1\n", Ct);
        var error = await Assert.ThrowsAsync<LocalPostgresException>(StartAsync);
        Assert.Contains("no_such_setting", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_taken_meanwhile_is_exchanged_for_another()
    {
        var first = await StartAsync();
        await first.DisposeAsync();
        using var thief = new TcpListener(System.Net.IPAddress.Loopback, first.Port);
        thief.Start();

        await using var second = await StartAsync();

        Assert.NotEqual(first.Port, second.Port);
        Assert.Equal(1, await ScalarAsync(second, "select 1"));
    }

    [Fact]
    public async Task A_server_that_does_not_start_is_quoted()
    {
        var server = await StartAsync();
        await server.DisposeAsync();
        await File.AppendAllTextAsync(Path.Combine(server.ClusterDirectory, "postgresql.conf"), "no_such_setting = 1\n", Ct);

        var error = await Assert.ThrowsAsync<LocalPostgresException>(StartAsync);

        Assert.Contains("no_such_setting", error.Message, StringComparison.Ordinal);
        Assert.Contains(server.LogFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_without_its_password_is_not_guessed_at()
    {
        var server = await StartAsync();
        await server.DisposeAsync();
        File.Delete(Path.Combine(Options.DataDirectory, "password"));

        var error = await Assert.ThrowsAsync<LocalPostgresException>(StartAsync);

        Assert.Contains("password file", error.Message, StringComparison.Ordinal);
    }
}
