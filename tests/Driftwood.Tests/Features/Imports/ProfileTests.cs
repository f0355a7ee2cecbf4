using System.Net;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Settings are kept under a name, or taken from an earlier import, for files with the same columns.</summary>
public sealed class ProfileTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Csv = "E-Mail;Vorname;Ort\na@example.com;Ann;Oslo\n";

    private static readonly Dictionary<string, object?> Mapping = new()
    {
        ["e-mail"] = "email",
        ["Vorname"] = "first_name",
        ["ORT "] = new { field = "city", policy = "fill_blank" },
    };

    [Fact]
    public async Task A_profile_is_kept_as_given_changed_by_version_and_deleted()
    {
        using var client = await app.CreateClientAsync();
        var made = await CreateAsync(client, "Weekly", new { duplicate_strategy = "merge", constants = new { country = "NO" } });

        Assert.Equal(
            ["Weekly", "contacts", "1", "merge", "{\"country\":\"NO\"}", null],
            new[] { "name", "model_type", "version", "duplicate_strategy", "constants", "mode" }.Select(member => made.Text(member)));
        Assert.Equal(
            """{"ORT ":{"field":"city","policy":"fill_blank"},"Vorname":"first_name","e-mail":"email"}""",
            Sorted(made.GetProperty("column_mapping")));
        var changed = (await client.PostAsync(
            "import-profiles-update", new { id = made.Id(), version = 1, name = "weekly", null_values = new[] { "n/a" } })).Result;
        var late = await client.PostAsync("import-profiles-update", new { id = made.Id(), version = 1, mode = "create_only" });
        late.Expect(HttpStatusCode.Conflict, "invalid_state");
        var read = (await client.PostAsync("import-profiles-get", new { id = made.Id() })).Result;
        Assert.Equal(read.GetRawText(), changed.GetRawText());
        Assert.Equal(["weekly", "2", "merge", "[\"n/a\"]"],
            new[] { "name", "version", "duplicate_strategy", "null_values" }.Select(member => read.Text(member)));
        Assert.True((await client.PostAsync("import-profiles-delete", new { id = made.Id() })).Result.GetProperty("deleted").GetBoolean());
        (await client.PostAsync("import-profiles-get", new { id = made.Id() })).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Empty(await client.AllAsync("import-profiles-list", new { }));
    }

    [Fact]
    public async Task Names_are_unique_whatever_their_case_and_lists_have_pages_and_a_type()
    {
        using var client = await app.CreateClientAsync();
        var one = await CreateAsync(client, "One");
        _ = await CreateAsync(client, "Two");
        _ = await CreateAsync(client, "Firms", new { column_mapping = new { Name = "name" } }, "companies");

        var created = await client.PostAsync("import-profiles-create", Body(" ONE ", null, "contacts"));
        created.Expect(HttpStatusCode.Conflict, "already_exists");
        var renamed = await client.PostAsync("import-profiles-update", new { id = one.Id(), name = "two" });
        renamed.Expect(HttpStatusCode.Conflict, "already_exists");

        var all = await client.AllAsync("import-profiles-list", new { limit = 1 });
        Assert.Equal(["Firms", "Two", "One"], all.Select(profile => profile.Text("name")));
        var contacts = await client.AllAsync("import-profiles-list", new { model_type = "contacts" });
        Assert.Equal(["Two", "One"], contacts.Select(profile => profile.Text("name")));
    }

    [Fact]
    public async Task What_the_schema_refuses_is_refused_when_the_profile_is_made()
    {
        using var client = await app.CreateClientAsync();
        async Task<string[]> RefusedAsync(object settings) =>
            (await client.PostAsync("import-profiles-create", Body("Bad", settings, "contacts"))).Details;

        Assert.Equal(
            ["column_mapping.a: unknown_field", "column_mapping.c: duplicate_field", "match_on: not_mapped"],
            await RefusedAsync(new { column_mapping = new { a = "nope", b = "email", c = "email" }, match_on = "external_id" }));
        Assert.Equal(["mode: conflict"], await RefusedAsync(new { mode = "update_only" }));
        Dictionary<string, string> twice = new() { ["Mail"] = "email", ["mail "] = "city" };
        Assert.Equal(["column_mapping.mail : conflict"], await RefusedAsync(new { column_mapping = twice }));
        Assert.Equal(["column_mapping: required"], await RefusedAsync(new { column_mapping = (object?)null }));
        Assert.Equal(["upload_id: unknown_member"], await RefusedAsync(new { upload_id = "x" }));
        Assert.Empty(await client.AllAsync("import-profiles-list", new { }));
    }

    [Fact]
    public async Task A_confirm_by_the_profile_alone_finds_the_columns_by_their_names()
    {
        using var client = await app.CreateClientAsync();
        var profile = await CreateAsync(client, "Weekly", new { duplicate_strategy = "merge", add_tags = new[] { "fair" } });
        var id = await UploadedAsync(client, Csv);

        var job = (await client.PostAsync("imports-confirm", new { id, profile_id = profile.Id() })).Result;
        var again = (await client.PostAsync("imports-confirm", new { id, profile_id = profile.Id() })).Result;

        Assert.Equal(id, again.Id());
        Assert.Equal(
            [$"{profile.Id()}", "1", "merge", """{"Ort":"fill_blank"}"""],
            new[] { "profile_id", "profile_version", "duplicate_strategy", "column_policies" }.Select(member => job.Text(member)));
        Assert.Equal("""{"E-Mail":"email","Ort":"city","Vorname":"first_name"}""", Sorted(job.GetProperty("column_mapping")));
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(id)).Outcome());
        var ann = Assert.Single(await client.RecordsAsync());
        Assert.Equal("Ann Oslo fair", $"{ann.Text("first_name")} {ann.Text("city")} {ann.Tags()[0]}");
    }

    [Fact]
    public async Task What_is_given_beside_the_profile_wins_and_a_missing_column_is_named()
    {
        using var client = await app.CreateClientAsync();
        var profile = await CreateAsync(client, "Weekly", new { duplicate_strategy = "merge" });
        var other = await CreateAsync(client, "Firms", new { column_mapping = new { Name = "name" } }, "companies");
        var id = await UploadedAsync(client, "E-mail;Telefon\na@example.com;+4721000001\n");

        var missing = await client.PostAsync("imports-confirm", new { id, profile_id = profile.Id() });
        var wrong = await client.PostAsync("imports-confirm", new { id, profile_id = other.Id() });
        var unknown = await client.PostAsync("imports-confirm", new { id, profile_id = Guid.NewGuid() });
        var both = await client.PostAsync("imports-confirm", new { id, profile_id = profile.Id(), like = id });
        var mapping = new { Telefon = "phone" };
        var odd = await client.PostAsync(
            "imports-confirm",
            new { id, profile_id = profile.Id(), column_mapping = mapping, duplicate_strategy = "skip", mode = "update_only" });
        var job = (await client.PostAsync(
            "imports-confirm", new { id, profile_id = profile.Id(), column_mapping = mapping, mode = "update_only" })).Result;

        Assert.Equal(["column_mapping.Vorname: unknown_column", "column_mapping.ORT : unknown_column"], missing.Details.OrderDescending());
        Assert.Equal(["profile_id: conflict"], wrong.Details);
        Assert.Equal(["profile_id: not_found"], unknown.Details);
        Assert.Equal(["like: conflict"], both.Details);
        Assert.Equal(["mode: conflict"], odd.Details);
        Assert.Equal(
            ["merge", "update_only", """{"Telefon":"phone"}"""],
            new[] { "duplicate_strategy", "mode", "column_mapping" }.Select(member => job.Text(member)));
    }

    [Fact]
    public async Task The_columns_of_computed_fields_and_transforms_are_found_by_their_names_too()
    {
        using var client = await app.CreateClientAsync();
        object[] transforms = [new { name = "concat", column = "zip" }];
        object[] last = [new { name = "split_name", part = "last" }];
        var profile = await CreateAsync(client, "Names", new
        {
            column_mapping = new { Mail = "email", City = new { field = "city", transforms } },
            computed_fields = new { last_name = new { column = "name", transforms = last } },
        });
        var id = await client.UploadedAsync("MAIL,NAME,CITY,ZIP\na@example.com,Ann Berg,Oslo,0150\n");

        _ = (await client.PostAsync("imports-confirm", new { id, profile_id = profile.Id() })).Result;

        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(["a@example.com|Berg|Oslo 0150"], await client.ValuesAsync("email", "last_name", "city"));
    }

    [Fact]
    public async Task Another_import_takes_the_settings_of_an_earlier_one()
    {
        using var client = await app.CreateClientAsync();
        var first = await ConfirmedAsync(
            client, Csv, new { column_mapping = Columns("E-Mail", "Vorname", "Ort"), duplicate_strategy = "overwrite" });
        const string file = "ORT;vorname;e-mail;Neu\nBergen;Anna;a@example.com;x\n";
        var id = await UploadedAsync(client, file);
        var waiting = await UploadedAsync(client, file);

        var job = (await client.PostAsync("imports-confirm", new { id, like = first })).Result;
        var refused = await client.PostAsync("imports-confirm", new { id = waiting, like = waiting });

        Assert.Equal(["like: not_found"], refused.Details);
        Assert.Equal("overwrite", job.Text("duplicate_strategy"));
        Assert.Null(job.Text("profile_id"));
        Assert.Equal("Columns without a stored field are not imported: \"Neu\".", job.GetProperty("warnings")[0].GetString());
        Assert.Equal("completed 1: 0/1/0/0", (await client.FinishAsync(id)).Outcome());
        var anna = Assert.Single(await client.RecordsAsync());
        Assert.Equal("Anna Bergen", $"{anna.Text("first_name")} {anna.Text("city")}");
    }

    [Fact]
    public async Task The_preview_lists_the_profiles_that_fit_the_best_first()
    {
        using var client = await app.CreateClientAsync();
        _ = await CreateAsync(client, "More", new { column_mapping = Columns("Ort", "E-Mail", "Vorname", "Tel") });
        _ = await CreateAsync(client, "Less", new { column_mapping = Columns("e-mail", "VORNAME") });
        _ = await CreateAsync(client, "Same", new { column_mapping = Columns("ort", "Vorname", "e-mail") });
        _ = await CreateAsync(client, "Other", new { column_mapping = Columns("Tel", "Mobil", "E-Mail") });
        _ = await CreateAsync(client, "Firms", new { column_mapping = new Dictionary<string, string> { ["Ort"] = "name" } }, "companies");
        using var stranger = await app.CreateClientAsync();

        var preview = (await client.UploadAsync(Encoding.UTF8.GetBytes(Csv))).Result.GetProperty("preview");
        var foreign = (await stranger.UploadAsync(Encoding.UTF8.GetBytes(Csv))).Result.GetProperty("preview");

        Assert.Equal(
            ["Same exact [] []", """Less partial [] ["Ort"]""", """More partial ["Tel"] []"""],
            preview.GetProperty("profiles").EnumerateArray()
                .Select(each => $"{each.Text("name")} {each.Text("fit")} {each.Text("missing")} {each.Text("new")}"));
        Assert.Empty(foreign.GetProperty("profiles").EnumerateArray());
    }

    [Fact]
    public async Task A_mapping_confirmed_twice_for_the_same_columns_is_suggested_in_that_account_only()
    {
        using var client = await app.CreateClientAsync();
        using var stranger = await app.CreateClientAsync();
        const string csv = "Wert;Name\nann@example.com;Oslo\n";
        var settings = new { column_mapping = new { Wert = "email", Name = "city" }, duplicate_strategy = "merge" };
        async Task<JsonElement> PreviewAsync(HttpClient caller) =>
            (await caller.UploadAsync(Encoding.UTF8.GetBytes(csv))).Result.GetProperty("preview");
        _ = await ConfirmedAsync(client, csv, settings);
        var once = await PreviewAsync(client);
        var second = await ConfirmedAsync(client, "Name;Wert\nOslo;bea@example.com\n", settings);

        var twice = await PreviewAsync(client);
        var foreign = await PreviewAsync(stranger);
        _ = await ConfirmedAsync(client, csv, new { column_mapping = new { Wert = "email", Name = "first_name" } });
        var differs = await PreviewAsync(client);

        Assert.All(new[] { once, foreign, differs }, preview => Assert.Null(preview.Text("confirmed_before")));
        Assert.Equal($"{second}", twice.GetProperty("confirmed_before").Text("id"));
        Assert.Equal("""{"Name":"city","Wert":"email"}""", Sorted(twice.GetProperty("suggested_mapping")));
        Assert.NotEqual("""{"Name":"city","Wert":"email"}""", Sorted(once.GetProperty("suggested_mapping")));
        Assert.Equal("""{"Name":1,"Wert":1}""", Sorted(twice.GetProperty("mapping_confidence")));
        var id = await UploadedAsync(client, csv);
        Assert.Equal("merge", (await client.PostAsync("imports-confirm", new { id, like = second })).Result.Text("duplicate_strategy"));
    }

    [Fact]
    public async Task Another_account_has_no_part_in_profiles_and_settings()
    {
        using var owner = await app.CreateClientAsync();
        using var stranger = await app.CreateClientAsync();
        var profile = await CreateAsync(owner, "Weekly");
        var import = await ConfirmedAsync(owner, Csv, new { column_mapping = Columns("E-Mail", "Vorname", "Ort") });
        var id = await UploadedAsync(stranger, Csv);

        foreach (var route in new[] { "get", "update", "delete" })
            (await stranger.PostAsync($"import-profiles-{route}", new { id = profile.Id() })).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Empty(await stranger.AllAsync("import-profiles-list", new { }));
        var refused = await stranger.PostAsync("imports-confirm", new { id, profile_id = profile.Id() });
        Assert.Equal(["profile_id: not_found"], refused.Details);
        Assert.Equal(["like: not_found"], (await stranger.PostAsync("imports-confirm", new { id, like = import })).Details);
        _ = await CreateAsync(stranger, "weekly");
    }

    private static Dictionary<string, string> Columns(params string[] columns) => columns.ToDictionary(
        column => column,
        column => column.ToUpperInvariant() switch
        {
            "E-MAIL" => "email",
            "VORNAME" => "first_name",
            "ORT" => "city",
            "MOBIL" => "external_id",
            _ => "phone",
        });

    private static async Task<Guid> UploadedAsync(HttpClient client, string csv) =>
        (await client.UploadAsync(Encoding.UTF8.GetBytes(csv))).Result.GetProperty("job").Id();

    private static Dictionary<string, JsonElement> Body(string name, object? settings, string type)
    {
        Dictionary<string, JsonElement> body = new()
        {
            ["name"] = JsonSerializer.SerializeToElement(name),
            ["model_type"] = JsonSerializer.SerializeToElement(type),
            ["column_mapping"] = JsonSerializer.SerializeToElement(Mapping),
        };
        foreach (var member in settings is null ? [] : JsonSerializer.SerializeToElement(settings).EnumerateObject().ToArray())
            body[member.Name] = member.Value;
        return body;
    }

    private static async Task<JsonElement> CreateAsync(HttpClient client, string name, object? settings = null, string type = "contacts") =>
        (await client.PostAsync("import-profiles-create", Body(name, settings, type))).Result;

    private static async Task<Guid> ConfirmedAsync(HttpClient client, string csv, object settings)
    {
        var id = await UploadedAsync(client, csv);
        _ = (await client.ConfirmAsync(id, "x", settings)).Result;
        Assert.Equal("completed", (await client.FinishAsync(id)).Text("status"));
        return id;
    }

    private static string Sorted(JsonElement members) =>
        $"{{{string.Join(',', members.EnumerateObject().OrderBy(each => each.Name, StringComparer.Ordinal)
            .Select(each => $"\"{each.Name}\":{each.Value.GetRawText()}"))}}}";
}
