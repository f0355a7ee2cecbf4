using System.Text;
using Driftwood.Storage;
using Xunit;

namespace Driftwood.Tests.Storage;

public sealed class UploadUrlSignerTests
{
    private static readonly Guid Job = Guid.Parse("0197a000-0000-7000-8000-000000000001");
    private static readonly SigningKey Old = Key("2025-01", 'o');
    private static readonly SigningKey New = Key("2025-02", 'n');

    private readonly FixedClock _clock = new(new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero));

    [Fact]
    public void A_signed_url_is_good_for_its_request_and_carries_its_limit()
    {
        var signer = Signer(New);
        var (path, query) = Parse(signer.Sign(Job, _clock.Now.AddHours(1), "text/csv; charset=utf-8", 12_345));

        Assert.Equal(UploadUrlVerdict.Ok, signer.Verify("PUT", path, Job, query, out var maxBytes));
        Assert.Equal(12_345, maxBytes);
        Assert.Equal("text/csv; charset=utf-8", query.ContentType);
    }

    [Fact]
    public void A_signed_url_looks_as_documented() =>
        Assert.Matches(
            $"^/uploads/{Job}\\?expires=1750001400&max_bytes=5&content_type=text%2Fcsv&key=2025-02&signature=[A-Za-z0-9_-]{{43}}$",
            Signer(New).Sign(Job, _clock.Now.AddHours(1), "text/csv", 5));

    [Fact]
    public void A_url_expires_in_the_second_it_names()
    {
        var signer = Signer(New);
        var (path, query) = Parse(signer.Sign(Job, _clock.Now.AddHours(1), "text/csv", 5));

        _clock.Now = _clock.Now.AddMinutes(60).AddMilliseconds(-1);
        Assert.Equal(UploadUrlVerdict.Ok, signer.Verify("PUT", path, Job, query, out _));

        _clock.Now = _clock.Now.AddMilliseconds(1);
        Assert.Equal(UploadUrlVerdict.Expired, signer.Verify("PUT", path, Job, query, out var maxBytes));
        Assert.Equal(0, maxBytes);
    }

    [Fact]
    public void No_part_of_a_signed_request_can_be_altered()
    {
        var signer = Signer(New, Old);
        var (path, query) = Parse(signer.Sign(Job, _clock.Now.AddHours(1), "text/csv", 5));

        UploadUrlVerdict With(SignedUploadQuery altered) => signer.Verify("PUT", path, Job, altered, out _);

        Assert.Equal(UploadUrlVerdict.Altered, signer.Verify("GET", path, Job, query, out _));
        Assert.Equal(UploadUrlVerdict.Altered, signer.Verify("PUT", path + "/", Job, query, out _));
        Assert.Equal(UploadUrlVerdict.Altered, signer.Verify("PUT", path, Guid.NewGuid(), query, out _));
        Assert.Equal(UploadUrlVerdict.Altered, With(query with { Expires = "1850001400" }));
        Assert.Equal(UploadUrlVerdict.Altered, With(query with { Expires = "0" + query.Expires }));
        Assert.Equal(UploadUrlVerdict.Altered, With(query with { MaxBytes = "50" }));
        Assert.Equal(UploadUrlVerdict.Altered, With(query with { ContentType = "text/html" }));
        Assert.Equal(UploadUrlVerdict.Altered, With(query with { Key = Old.Id }));
        Assert.Equal(UploadUrlVerdict.Altered, With(query with { Signature = query.Signature + "=" }));
        Assert.Equal(UploadUrlVerdict.Altered, With(query with { Signature = "" }));
    }

    [Fact]
    public void Every_character_of_the_signature_counts()
    {
        var signer = Signer(New);
        var (path, query) = Parse(signer.Sign(Job, _clock.Now.AddHours(1), "text/csv", 5));

        for (var i = 0; i < query.Signature!.Length; i++)
        {
            foreach (var other in "ABab01-_é".Where(other => other != query.Signature[i]))
            {
                var signature = new StringBuilder(query.Signature) { [i] = other }.ToString();
                Assert.Equal(UploadUrlVerdict.Altered, signer.Verify("PUT", path, Job, query with { Signature = signature }, out _));
            }
        }
    }

    [Fact]
    public void A_missing_part_is_an_altered_url()
    {
        var signer = Signer(New);
        var (path, query) = Parse(signer.Sign(Job, _clock.Now.AddHours(1), "text/csv", 5));

        Assert.All(
            [query with { Expires = null }, query with { MaxBytes = null }, query with { ContentType = null }, query with { Key = null },
                query with { Signature = null }],
            incomplete => Assert.Equal(UploadUrlVerdict.Altered, signer.Verify("PUT", path, Job, incomplete, out _)));
    }

    [Fact]
    public void During_a_rotation_the_new_key_signs_and_the_old_one_still_verifies()
    {
        var (path, before) = Parse(Signer(Old).Sign(Job, _clock.Now.AddHours(1), "text/csv", 5));
        var rotated = Signer(New, Old);
        var (_, after) = Parse(rotated.Sign(Job, _clock.Now.AddHours(1), "text/csv", 5));

        Assert.Equal(New.Id, after.Key);
        Assert.Equal(UploadUrlVerdict.Ok, rotated.Verify("PUT", path, Job, before, out _));
        Assert.Equal(UploadUrlVerdict.Ok, rotated.Verify("PUT", path, Job, after, out _));
        Assert.Equal(UploadUrlVerdict.UnknownKey, Signer(New).Verify("PUT", path, Job, before, out _));
    }

    [Fact]
    public void A_key_of_the_same_id_and_another_secret_does_not_verify()
    {
        var (path, query) = Parse(Signer(New).Sign(Job, _clock.Now.AddHours(1), "text/csv", 5));

        Assert.Equal(UploadUrlVerdict.Altered, Signer(Key(New.Id, 'z')).Verify("PUT", path, Job, query, out _));
    }

    [Fact]
    public void Weak_missing_or_repeated_keys_are_refused_at_start()
    {
        Assert.Throws<ArgumentException>(() => Signer());
        Assert.Throws<ArgumentException>(() => Signer(new SigningKey("short", new byte[31])));
        Assert.Throws<ArgumentException>(() => Signer(new SigningKey("", new byte[32])));
        Assert.Throws<ArgumentException>(() => Signer(New, Key(New.Id, 'z')));
    }

    private static SigningKey Key(string id, char fill) => new(id, Encoding.ASCII.GetBytes(new string(fill, 32)));

    private static (string Path, SignedUploadQuery Query) Parse(string url)
    {
        var uri = new Uri("http://localhost" + url);
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(uri.Query);
        return (uri.AbsolutePath,
            new SignedUploadQuery(query["expires"], query["max_bytes"], query["content_type"], query["key"], query["signature"]));
    }

    private UploadUrlSigner Signer(params SigningKey[] keys) => new(keys, _clock);
}
