using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Driftwood.Storage.S3;

/// <summary>
/// Uploaded files in a bucket. Callers send a file straight to the bucket, under a key that a signed URL names. As the URL goes on
/// working after the file was taken, <see cref="TakeAsync"/> copies the file to a key that nobody else can write.
/// </summary>
public sealed class S3UploadStore : IUploadStore, IDisposable
{
    /// <summary>The most bytes that S3 takes in one PUT, and copies in one request: 5 GiB.</summary>
    public const long MaxBytes = 5L << 30;

    /// <summary>The longest time that a signed URL may work: 7 days.</summary>
    public static readonly TimeSpan MaxExpiry = TimeSpan.FromDays(7);

    private const int BufferBytes = 128 << 10;

    /// <summary>A service may answer the copy of a file of 5 GiB only when it has copied it.</summary>
    private static readonly TimeSpan CopyPatience = TimeSpan.FromMinutes(10);

    private readonly S3StoreOptions _options;
    private readonly TimeProvider _clock;
    private readonly AmazonS3Client _client;
    private readonly AmazonS3Client _signer;

    /// <summary>Sends nothing yet.</summary>
    public S3UploadStore(S3StoreOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        _client = NewClient(options, options.Endpoint);
        _signer = options.PublicEndpoint is { } address ? NewClient(options, address) : _client;
    }

    /// <summary>The URL to PUT the file of an import to, with exactly this Content-Type. It works repeatedly until it expires.</summary>
    /// <param name="expiresAt">At most <see cref="MaxExpiry"/> from now.</param>
    public Task<string> SignPutAsync(Guid jobId, string contentType, DateTimeOffset expiresAt) =>
        _signer.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = _options.Bucket,
            Key = NameOf(UploadKeys.Incoming(jobId)),
            Verb = HttpVerb.PUT,
            ContentType = contentType,
            Expires = expiresAt.UtcDateTime,
            Protocol = (_options.PublicEndpoint ?? _options.Endpoint)?.Scheme == Uri.UriSchemeHttp ? Protocol.HTTP : Protocol.HTTPS,
        });

    /// <summary>Copies the file that the caller of an import sent, so that no later PUT can change it, and reads the copy once.</summary>
    /// <param name="jobId">The import.</param>
    /// <param name="key">The key of the copy, a new one.</param>
    /// <param name="maxBytes">The most bytes that the file may have.</param>
    /// <param name="cancellationToken">Cancelled, a copy may be left that no upload names.</param>
    /// <returns>The size and the SHA-256 of the copy; null if no file has arrived. The caller's own file is still there.</returns>
    /// <exception cref="UploadTooLargeException">Nothing was copied.</exception>
    /// <exception cref="FileNotFoundException">Another file arrived in between. Nothing was copied.</exception>
    /// <exception cref="StorageUnavailableException">The bucket cannot be reached.</exception>
    public async Task<StoredUpload?> TakeAsync(Guid jobId, string key, long maxBytes, CancellationToken cancellationToken)
    {
        var source = NameOf(UploadKeys.Incoming(jobId));
        if (await FindAsync(source, cancellationToken) is not { } arrived) return null;
        var limit = Math.Min(maxBytes, MaxBytes);
        if (arrived.Length > limit) throw new UploadTooLargeException(limit);
        var copy = new CopyObjectRequest
        {
            SourceBucket = _options.Bucket,
            SourceKey = source,
            DestinationBucket = _options.Bucket,
            DestinationKey = NameOf(key),
            ETagToMatch = arrived.ETag,
        };
        await SendAsync(token => _client.CopyObjectAsync(copy, token), key, cancellationToken, CopyPatience);
        await using var content = await OpenReadAsync(key, cancellationToken);
        return await MeasureAsync(new UploadBody(content, content.Length, limit), Stream.Null, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The stream goes on after a broken connection: it asks for the rest of the object with the same ETag. It gives up after five
    /// attempts without a byte.
    /// </remarks>
    public async Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = _options.Bucket, Key = NameOf(key) };
        var response = await SendAsync(token => _client.GetObjectAsync(request, token), key, cancellationToken);
        return new S3ReadStream(_client, response, _options.Patience);
    }

    /// <inheritdoc/>
    /// <remarks>S3 takes only a body whose length is known, so the body waits in a temporary file.</remarks>
    public async Task<StoredUpload> SaveAsync(
        string key, Stream body, long? declaredLength, long maxBytes, CancellationToken cancellationToken)
    {
        var name = NameOf(key);
        var limit = Math.Min(maxBytes, MaxBytes);
        if (declaredLength > limit) throw new UploadTooLargeException(limit);
        await using var file = new FileStream(Path.Combine(Path.GetTempPath(), $"driftwood-{Guid.NewGuid():n}"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        });
        var stored = await MeasureAsync(new UploadBody(body, declaredLength, limit), file, cancellationToken);
        file.Position = 0;
        var request = new PutObjectRequest
        {
            BucketName = _options.Bucket,
            Key = name,
            InputStream = file,
            AutoCloseStream = false,
        };
        await SendAsync(token => _client.PutObjectAsync(request, token), key, cancellationToken, CopyPatience);
        return stored;
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectRequest { BucketName = _options.Bucket, Key = NameOf(key) };
        return SendAsync(token => _client.DeleteObjectAsync(request, token), key, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListKeysAsync(
        TimeSpan olderThan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var before = (_clock.GetUtcNow() - olderThan).UtcDateTime;
        var request = new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = _options.Prefix };
        do
        {
            var page = await SendAsync(token => _client.ListObjectsV2Async(request, token), _options.Prefix, cancellationToken);
            foreach (var found in page.S3Objects ?? [])
            {
                var key = found.Key[_options.Prefix.Length..];
                if (UploadKeys.HasOnlyKeyCharacters(key) && found.LastModified?.ToUniversalTime() < before) yield return key;
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = _options.Prefix, MaxKeys = 1 };
        await SendAsync(token => _client.ListObjectsV2Async(request, token), _options.Prefix, cancellationToken);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _client.Dispose();
        if (_signer != _client) _signer.Dispose();
    }

    private static AmazonS3Client NewClient(S3StoreOptions options, Uri? endpoint)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle,
            // Each request has a time limit of its own, which counts its further attempts too.
            Timeout = CopyPatience,
            // Services beside Amazon's do not know the newer checksums. The connection's own checks and the ETag are enough here.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }
        else
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = options.Region;
        }

        return options is { AccessKey: { } accessKey, SecretKey: { } secretKey }
            ? new AmazonS3Client(new BasicAWSCredentials(accessKey, secretKey), config)
            : new AmazonS3Client(config);
    }

    private static async Task<StoredUpload> MeasureAsync(UploadBody body, Stream copy, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                await copy.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            return new StoredUpload(body.Received, hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<T> SendAsync<T>(
        Func<CancellationToken, Task<T>> request, string key, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        waiting.CancelAfter(patience ?? _options.Patience);
        try
        {
            return await request(waiting.Token);
        }
        catch (AmazonS3Exception error) when (S3Faults.IsNotFound(error) || S3Faults.IsReplaced(error))
        {
            throw new FileNotFoundException("There is no such upload.", key, error);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && S3Faults.IsOfService(error))
        {
            throw S3Faults.ToUnavailable(error);
        }
    }

    private async Task<(long Length, string ETag)?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = name };
            var found = await SendAsync(token => _client.GetObjectMetadataAsync(request, token), name, cancellationToken);
            return (found.ContentLength, found.ETag);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private string NameOf(string key) => _options.Prefix + UploadKeys.Require(key);
}
