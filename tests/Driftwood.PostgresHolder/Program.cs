using Driftwood.LocalPostgres;

// A second process for the tests of sharing: uses the server of the data directory it is given, reports the
// server's process number and port, and leaves when its input ends. Meant to be killed, too.

await using var server = await LocalPostgresServer.StartAsync(new LocalPostgresOptions
{
    DataDirectory = args[0],
    PackageDirectory = args[1],
    Profile = LocalPostgresProfile.Disposable,
});
Console.WriteLine($"{server.ProcessId} {server.Port}");
Console.ReadLine();
