using System.Text;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>A file in which every outcome occurs throughout, and its expected result.</summary>
internal static class ImportFile
{
    private const string Columns = "email,first_name,city,tags";

    /// <summary>In every hundred rows, 1 is broken, 1 is blank, 2 have no e-mail, 16 repeat earlier people, and 80 are new.</summary>
    public static byte[] Of(int rows)
    {
        StringBuilder csv = new(Columns + "\n");
        for (var n = 0; n < rows; n++)
        {
            csv.Append((n % 100) switch
            {
                0 => $"broken{n}@@example.com,Broken,,\n",
                1 => ",,,\n",
                2 or 3 => $",Nameless {n},Oslo,\n",
                < 20 => $"P{n - 16 + (n % 4)}@example.com,,City {n},again\n",
                _ => $"p{n}@example.com,Person {n},,\"a,b{n % 7}\"\n",
            });
        }

        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    /// <summary>Uploads such a file and confirms it with merge. Returns the import's id.</summary>
    public static async Task<Guid> StartAsync(HttpClient client, byte[] file)
    {
        var id = (await client.UploadAsync(file)).Result.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, Columns, new { duplicate_strategy = "merge" })).Result;
        return id;
    }

    /// <summary>A digest of everything that an import left in its account, except ids and times.</summary>
    public static Task<string> DigestAsync(this Site site, Guid import) => site.AskAsync($"""
        with job as (select account_id, id from jobs where id = '{import}')
        select (select md5(string_agg(concat_ws('|', c.email, c.email_key, c.first_name, c.city, c.tags::text, c.tag_keys::text), e'\n'
            order by c.email_key, c.first_name))
                       || ' of ' || count(*) from contacts c join job on job.account_id = c.account_id)
            || (select md5(string_agg(concat_ws('|', e.row_number, e.line_number, e.column_name, e.field, e.code, e.message, e.value,
                e.cells::text), e'\n' order by e.row_number))
                       || ' of ' || count(*) from row_errors e join job on job.account_id = e.account_id and job.id = e.job_id)
        """);
}
