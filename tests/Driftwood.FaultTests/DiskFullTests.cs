using System.Net;
using System.Security.Cryptography;
using System.Text;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>The disk of the uploads or of the database is full (F5).</summary>
public sealed class DiskFullTests(FaultServer server)
{
    private const int Rows = 30_000;

    [Fact]
    public async Task Uploads_without_room_are_refused_whole_and_taken_once_there_is_some()
    {
        // The upload store leaves 256 MiB of any disk free.
        await using var disk = await SmallDisk.MountAsync(megabytes: 300);
        using var site = server.NewSite();
        await using var service = await ServiceProcess.StartAsync(site, 1, ("Driftwood__DataDirectory", disk.Path));
        using var client = service.CreateClient(await site.CreateAccountAsync());
        var ticket = await client.RequestUploadAsync();
        _ = (await ImportSteps.PutAsync(ticket.Url, "email\nfirst@example.com\n"u8.ToArray())).Result;
        var stored = Assert.Single(Uploads(disk));

        await disk.ResizeAsync(megabytes: 64);
        var file = Encoding.UTF8.GetBytes("email\n" + string.Concat(Enumerable.Range(0, 1_000).Select(n => $"p{n}@example.com\n")));
        (await ImportSteps.PutAsync(ticket.Url, file)).Expect(HttpStatusCode.InsufficientStorage, "storage_full");
        (await ImportSteps.PutAsync(ticket.Url, file, chunked: true)).Expect(HttpStatusCode.InsufficientStorage, "storage_full");
        Assert.Equal([stored], Uploads(disk));
        Assert.Equal("email\nfirst@example.com\n", await File.ReadAllTextAsync(stored, TestContext.Current.CancellationToken));
        var empty = await client.RequestUploadAsync();
        (await ImportSteps.PutAsync(empty.Url, file)).Expect(HttpStatusCode.InsufficientStorage, "storage_full");
        (await client.PostAsync("imports-complete-upload", new { id = empty.Id })).Expect(HttpStatusCode.Conflict, "invalid_state");

        await disk.ResizeAsync(megabytes: 300);
        _ = (await ImportSteps.PutAsync(ticket.Url, file)).Result;
        _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        _ = (await client.ConfirmAsync(ticket.Id, "email")).Result;
        Assert.Equal("completed 1000: 1000/0/0/0", (await client.FinishAsync(ticket.Id)).Outcome());
    }

    [Fact]
    public async Task A_database_without_room_makes_its_jobs_wait_and_they_go_on_once_there_is_some()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 160);
        using var site = await server.NewSiteInAsync(disk.Path);
        await using (var service = await ServiceProcess.StartAsync(site))
        {
            var file = ImportFile.Of(Rows);
            using var client = service.CreateClient(await site.CreateAccountAsync());
            using var other = service.CreateClient(await site.CreateAccountAsync());
            var undisturbed = await ImportFile.StartAsync(other, file);
            var expected = (await other.FinishAsync(undisturbed)).Outcome();

            var id = await ImportFile.StartAsync(client, file);
            await Eventually.GetAsync(() => LaneAsync(site, id, "cursor > 3000"), seen => seen == "True");
            // The import is held back meanwhile: it could be quicker than the disk is full.
            await using (await site.HoldContactsAsync())
            {
                Assert.Equal("processing", await site.AskAsync($"select status from jobs where id = '{id}'"));
                disk.Fill();
            }

            await Eventually.GetAsync(
                () => LaneAsync(site, id, "status = 'running' and owner is null and retries = 0 and attempts = 0"), seen => seen == "True");
            // The service answers reads, refuses writes, and does nothing else.
            Assert.Equal("processing", (await client.PostAsync("imports-get", new { id })).Result.Text("status"));
            using var writer = service.CreateClient(await site.CreateAccountAsync());
            var refused = await Eventually.GetAsync(() => CreateAsync(writer), answer => answer != "200");
            Assert.Equal("503 database_unavailable", refused);

            disk.Empty();
            Assert.Equal(expected, (await client.FinishAsync(id)).Outcome());
            Assert.Equal(await site.DigestAsync(undisturbed), await site.DigestAsync(id));
            Assert.Equal("200", await CreateAsync(writer));
        }

        await FaultServer.DropAsync(site);
    }

    /// <summary>Makes a contact that compression cannot make small. Returns the status and the code of a refusal.</summary>
    private static async Task<string> CreateAsync(HttpClient client)
    {
        var answer = await client.PostAsync(
            "contacts-create", new { first_name = "Ann", description = Convert.ToBase64String(RandomNumberGenerator.GetBytes(3_000)) });
        return answer.Status == HttpStatusCode.OK ? "200" : $"{(int)answer.Status} {answer.Code}";
    }

    private static Task<string> LaneAsync(Site site, Guid job, string condition) =>
        site.AskAsync($"select {condition} from lanes where job_id = '{job}'");

    private static string[] Uploads(SmallDisk disk) =>
        Directory.GetFiles(Path.Combine(disk.Path, "uploads"), "*", SearchOption.AllDirectories);
}
