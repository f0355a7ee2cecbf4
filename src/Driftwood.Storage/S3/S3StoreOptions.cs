namespace Driftwood.Storage.S3;

/// <summary>A bucket of any service that speaks the protocol of Amazon S3.</summary>
public sealed record S3StoreOptions
{
    /// <summary>The bucket. It must exist.</summary>
    public required string Bucket { get; init; }

    /// <summary>The service's address; null for Amazon's own in the region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The address that signed URLs begin with, if callers reach the service by another one than the nodes.</summary>
    public Uri? PublicEndpoint { get; init; }

    /// <summary>The beginning of every object's name, such as <c>driftwood/</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Null: the credentials of the environment, of the profile or of the machine's role.</summary>
    public string? AccessKey { get; init; }

    /// <summary>Given if <see cref="AccessKey"/> is.</summary>
    public string? SecretKey { get; init; }

    /// <summary>Whether the bucket is named in the path and not in the host name.</summary>
    public bool PathStyle { get; init; }

    /// <summary>How long a request, or a read in the middle of an object, may wait for the service.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
