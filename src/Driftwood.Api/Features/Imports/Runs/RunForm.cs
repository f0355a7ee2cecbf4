using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Faults;
using Driftwood.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Driftwood.Api.Features.Imports.Runs;

/// <summary>
/// Reads the form of imports-run, in whatever order its parts come. The file is stored as it arrives, and the others are small.
/// </summary>
internal sealed class RunForm(UploadFiles files, UploadRoom room, TimeProvider clock, IOptions<DriftwoodOptions> options)
{
    /// <summary>The part that is the file.</summary>
    public const string FilePart = "file";

    private const string OptionsPart = "options";
    private const string AnyType = "application/octet-stream";

    /// <summary>Bytes of all parts but the file. A mapping of 1,000 columns with settings takes a tenth of it.</summary>
    private const int MaxFieldBytes = 1 << 20;

    /// <summary>More parts than there are members.</summary>
    private const int MaxParts = 100;

    private const int MaxBoundary = 70;

    private static readonly Shape Members = Shape.Of(typeof(ImportsRun.Request));

    private static readonly string[] Accepted = [FilePart, .. Members.Members.Keys];

    /// <summary>A file that is stored.</summary>
    /// <param name="Key">Its key.</param>
    /// <param name="Name">Its name for people.</param>
    /// <param name="ContentType">The MIME type that the part has.</param>
    /// <param name="Content">Its size and hash.</param>
    internal sealed record StoredFile(string Key, string Name, string ContentType, StoredUpload Content);

    /// <summary>A form that was read.</summary>
    /// <param name="Request">The parts beside the file.</param>
    /// <param name="File">The file. Whoever has the form names it in a row or removes it.</param>
    /// <param name="Sha256">The hash of all of it. Two requests with one hash are the same request.</param>
    internal sealed record Read(ImportsRun.Request Request, StoredFile File, byte[] Sha256);

    /// <summary>Reads the form and stores its file.</summary>
    /// <exception cref="ApiException">400, 413, 415 or 422; then no file is kept.</exception>
    public async Task<Read> ReadAsync(HttpContext http, CancellationToken cancellationToken)
    {
        _ = Idempotency.KeyOf(http.Request);
        var parts = ReaderOf(http);
        await room.RequirePlaceAsync(Caller.Of(http).AccountId, cancellationToken);
        var fields = new Fields();
        StoredFile? file = null;
        try
        {
            for (var count = 0; await NextAsync(parts, cancellationToken) is { } part; count++)
            {
                if (count == MaxParts) throw TooLarge($"The form has more than {MaxParts} parts.");
                var disposition = DispositionOf(part);
                var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
                if (name == FilePart)
                {
                    if (file is not null) throw ApiException.Validation(FilePart, "duplicate_member", "There is more than one file.");
                    await RequireSoundAsync(http, fields, cancellationToken);
                    file = await StoreAsync(http, part, disposition, cancellationToken);
                }
                else
                {
                    if (disposition.IsFileDisposition() && name != OptionsPart) throw NotTheFile(name);
                    fields.Add(name, await ReadFieldAsync(name, part.Body, MaxFieldBytes - fields.Length, cancellationToken));
                }
            }

            var request = await RequireSoundAsync(http, fields, cancellationToken);
            if (file is null) throw ApiException.Validation(FilePart, "required", "Missing: expected a part with the file to import.");
            return new Read(request, file, HashOf(http, fields, file));
        }
        catch when (file is not null)
        {
            await files.DropAsync(file.Key);
            throw;
        }
    }

    private MultipartReader ReaderOf(HttpContext http)
    {
        var request = http.Request;
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw Unsupported($"Found Content-Encoding {Found.Describe(encoding)}, expected none. The file itself may be compressed.");
        var isForm = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        var boundary = isForm ? HeaderUtilities.RemoveQuotes(type!.Boundary).ToString() : "";
        if (boundary.Length is 0 or > MaxBoundary)
        {
            throw Unsupported(
                $"Found Content-Type {Found.Describe(request.ContentType ?? "")}, expected multipart/form-data with a boundary.");
        }

        var maxBytes = options.Value.Uploads.MaxBytes;
        if (request.ContentLength - MaxFieldBytes > maxBytes) throw UploadFiles.TooLarge(maxBytes);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        return new MultipartReader(boundary, request.Body);
    }

    private static Task<MultipartSection?> NextAsync(MultipartReader parts, CancellationToken cancellationToken) =>
        SoundAsync(() => parts.ReadNextSectionAsync(cancellationToken), cancellationToken);

    private static ContentDispositionHeaderValue DispositionOf(MultipartSection part)
    {
        var isNamed = ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) && disposition.Name.Length > 0;
        return isNamed ? disposition! : throw new ApiException(
            ErrorCodes.BadRequest, "A part of the form has no name; expected Content-Disposition: form-data with a name.");
    }

    private async Task<StoredFile> StoreAsync(
        HttpContext http, MultipartSection part, ContentDispositionHeaderValue disposition, CancellationToken cancellationToken)
    {
        var name = HeaderUtilities.RemoveQuotes(
            disposition.FileNameStar.Length > 0 ? disposition.FileNameStar : disposition.FileName).ToString();
        if (name.Length == 0) name = FilePart;
        if (name.Length > NewUpload.MaxName || name.Any(char.IsControl))
        {
            throw ApiException.Validation(
                FilePart, "invalid_value", $"Its name has more than {NewUpload.MaxName} characters, or control characters.");
        }

        var isType = part.ContentType is { Length: <= 255 } given && MediaTypeHeaderValue.TryParse(given, out _);
        var key = UploadKeys.New(Guid.CreateVersion7(clock.GetUtcNow()));
        var content = await files.SaveAsync(
            key, part.Body, length: null, options.Value.Uploads.MaxBytes, Caller.Of(http).AccountId, upload: null, cancellationToken);
        return new StoredFile(key, name, isType ? part.ContentType! : AnyType, content);
    }

    private static async Task<string> ReadFieldAsync(string name, Stream body, int maxBytes, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await SoundAsync(() => body.ReadAsync(buffer, cancellationToken).AsTask(), cancellationToken)) > 0)
        {
            if (bytes.Length + read > maxBytes) throw TooLarge($"The parts beside the file have more than {MaxFieldBytes} bytes.");
            bytes.Write(buffer, 0, read);
        }

        var text = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        if (!Utf8.IsValid(text))
            throw ApiException.Validation(Found.Shorten(name), "invalid_characters", "The part is not text in UTF-8.");
        return Encoding.UTF8.GetString(text);
    }

    /// <exception cref="ApiException">422 with every reason at once.</exception>
    private static async Task<ImportsRun.Request> RequireSoundAsync(HttpContext http, Fields fields, CancellationToken cancellationToken)
    {
        var call = RequestReader.Read(fields.ToJson(Members, out var faults), Members);
        var problems = await ValidationFilter.FindProblemsAsync(
            http, call with { Problems = [.. faults, .. call.Problems.Select(Complete)] }, cancellationToken);
        return problems.Count == 0 ? (ImportsRun.Request)call.Request : throw ApiException.Validation(problems);
    }

    // The file is a part like the others for the caller.
    private static Fault Complete(Fault fault) =>
        fault.Code == "unknown_member" && !fault.Path.Contains('.', StringComparison.Ordinal) ? fault with { Accepted = Accepted } : fault;

    private static ApiException NotTheFile(string name) => ApiException.Validation(
        Found.Shorten(name), "unknown_member", $"Found a file in this part, expected it in the part {FilePart}.", Accepted);

    private static byte[] HashOf(HttpContext http, Fields fields, StoredFile file)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        sha256.AppendData(JsonSerializer.SerializeToUtf8Bytes(new { target, file.Name, fields.All }));
        sha256.AppendData(file.Content.Sha256);
        return sha256.GetHashAndReset();
    }

    // A server's own refusal of the request has its status; so has a caller who has hung up.
    private static async Task<T> SoundAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await read();
        }
        catch (InvalidDataException)
        {
            throw Broken();
        }
        catch (IOException broken) when (broken is not BadHttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            throw Broken();
        }
    }

    private static ApiException Broken() => new(
        ErrorCodes.BadRequest, "The form cannot be read: it ended before its last boundary, or its parts have too many headers.");

    private static ApiException TooLarge(string message) => new(ErrorCodes.RequestTooLarge, message);

    private static ApiException Unsupported(string message) => new(ErrorCodes.UnsupportedMediaType, message);

    /// <summary>The parts beside the file, in their order.</summary>
    private sealed class Fields
    {
        private readonly List<KeyValuePair<string, string>> _all = [];

        public IReadOnlyList<KeyValuePair<string, string>> All => _all;

        public int Length { get; private set; }

        public void Add(string name, string value)
        {
            Length += name.Length + value.Length;
            _all.Add(KeyValuePair.Create(name, value));
        }

        /// <summary>The request that these parts make.</summary>
        /// <param name="shape">Its members.</param>
        /// <param name="faults">Parts that should be JSON and are not. They are left out.</param>
        public byte[] ToJson(Shape shape, out List<Fault> faults)
        {
            faults = [];
            using var json = new MemoryStream();
            using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { SkipValidation = true }))
            {
                writer.WriteStartObject();
                foreach (var (name, value) in _all)
                {
                    if (name != OptionsPart) TextMember.Write(writer, shape, name, value);
                    else if (FaultOf(value) is { } fault) faults.Add(fault);
                    else
                    {
                        writer.WritePropertyName(name);
                        writer.WriteRawValue(value, skipInputValidation: true);
                    }
                }

                writer.WriteEndObject();
            }

            return json.ToArray();
        }

        private static Fault? FaultOf(string value)
        {
            try
            {
                using var document = JsonDocument.Parse(value);
                return null;
            }
            catch (JsonException broken)
            {
                var place = $"line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}";
                return new Fault(OptionsPart, "invalid_value", $"Not JSON: {place}. Expected an object with settings of imports-confirm.");
            }
        }
    }
}
