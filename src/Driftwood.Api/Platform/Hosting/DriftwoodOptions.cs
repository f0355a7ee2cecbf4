using Driftwood.Api.Platform.Limits;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>The work of a node.</summary>
internal enum Role
{
    /// <summary>Answers HTTP and runs lanes.</summary>
    All,
    /// <summary>Answers HTTP only.</summary>
    Api,
    /// <summary>Runs lanes; of HTTP only healthz and readyz.</summary>
    Worker,
}

/// <summary>Section <c>Driftwood</c>: the defaults stand here, configuration is bound over them, the sum is checked at start.</summary>
internal sealed class DriftwoodOptions
{
    public const string Section = "Driftwood";

    /// <summary>The directory of the uploads and of the embedded database; relative to the working directory.</summary>
    public string DataDirectory { get; set; } = ".driftwood";

    public Role Role { get; set; } = Role.All;

    /// <summary>False where a separate <c>migrate</c> step runs before the nodes start.</summary>
    public bool MigrateAtStart { get; set; } = true;

    /// <summary>
    /// The beginning of the absolute URLs in answers; null: the address that the request came to. A node that listens beyond its
    /// machine needs it, since anybody can write a Host header.
    /// </summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>Addresses and networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>Origins of the web pages whose scripts may call the API, such as <c>https://app.example.com</c>; <c>*</c>: all.</summary>
    public string[] CorsOrigins { get; set; } = [];

    public UploadOptions Uploads { get; set; } = new();

    public JobOptions Jobs { get; set; } = new();

    public ChangeOptions Changes { get; set; } = new();

    public LimitOptions Limits { get; set; } = new();

    public RecordOptions Records { get; set; } = new();

    public AuditOptions Audit { get; set; } = new();

    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>The routes for other services' clients, a section each (docs/compat.md). Each service reads its own section.</summary>
    public IConfigurationSection? Compat { get; set; }
}

internal sealed class ChangeOptions
{
    /// <summary>For how many days the change log is kept, and jobs can be undone; 0: for ever.</summary>
    public int Days { get; set; } = 30;

    /// <summary>Older changes are no longer known; null: all are kept.</summary>
    public DateTimeOffset? KeptSince(DateTimeOffset now) => Days > 0 ? now.AddDays(-Days) : null;
}

internal sealed class RecordOptions
{
    /// <summary>How long a list or a count may take before it is refused as too slow.</summary>
    public int QuerySeconds { get; set; } = 10;
}

/// <summary>Where metrics and traces go. Without a setting nothing is exported.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>The collector that metrics and traces are sent to, such as <c>http://localhost:4317</c>; null: none.</summary>
    public Uri? Otlp { get; set; }

    /// <summary>How it is spoken to: <c>grpc</c>, mostly at port 4317, or <c>http</c>, mostly at port 4318.</summary>
    public string OtlpProtocol { get; set; } = "grpc";

    /// <summary>Whether <c>GET /metrics</c> answers in the format of Prometheus.</summary>
    public bool Prometheus { get; set; }
}

internal sealed class AuditOptions
{
    /// <summary>After how many days an entry of the audit list is removed; 0: never.</summary>
    public int RetentionDays { get; set; } = 400;
}

internal sealed class UploadOptions
{
    public const string Disk = "disk";

    public const string Bucket = "s3";

    /// <summary>Default 5 GiB.</summary>
    public long MaxBytes { get; set; } = 5L * 1024 * 1024 * 1024;

    /// <summary>
    /// How long a signed URL works. An upload that is not completed by then expires, and so does one whose import is not confirmed
    /// within as many hours after it was last completed.
    /// </summary>
    public int ExpiryHours { get; set; } = 24;

    /// <summary>Bytes of all files that an account has stored: uploads and receipts. Default 100 GiB.</summary>
    public long MaxBytesPerAccount { get; set; } = 100L * 1024 * 1024 * 1024;

    /// <summary>Uploads of an account whose import is not confirmed yet; the next is refused with 429.</summary>
    public int MaxPendingPerAccount { get; set; } = 1_000;

    /// <summary>The first signs; all verify, so that keys can be rotated. Shared by all nodes.</summary>
    public SigningKey[] SigningKeys { get; set; } = [];

    /// <summary>Where files are kept: <c>disk</c>, in the data directory, or <c>s3</c>, in a bucket. All nodes need the same.</summary>
    public string Storage { get; set; } = Disk;

    public bool IsInBucket => Storage == Bucket;

    /// <summary>The bucket, with <c>s3</c>.</summary>
    public S3Options S3 { get; set; } = new();
}

/// <summary>A bucket of Amazon S3, or of any service that speaks its protocol.</summary>
internal sealed class S3Options
{
    public string Bucket { get; set; } = "";

    /// <summary>The service's address; null: Amazon's own in the region.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>What signed URLs begin with, where callers reach the service by another address than the nodes; null: the same.</summary>
    public Uri? PublicEndpoint { get; set; }

    /// <summary>The beginning of the objects' names, such as <c>driftwood/</c>.</summary>
    public string Prefix { get; set; } = "";

    public string Region { get; set; } = "us-east-1";

    /// <summary>Null: the credentials of the environment, a profile or the machine's role.</summary>
    public string? AccessKey { get; set; }

    public string? SecretKey { get; set; }

    /// <summary>The bucket is named in the path and not in the host name, as most services beside Amazon's need it.</summary>
    public bool PathStyle { get; set; }
}

internal sealed class SigningKey
{
    public string Id { get; set; } = "";

    /// <summary>At least 32 characters.</summary>
    public string Secret { get; set; } = "";
}

internal sealed class JobOptions
{
    /// <summary>The engine that runs lanes: <c>hangfire</c> or <c>in_process</c>. All nodes of a database need the same one.</summary>
    public string Engine { get; set; } = JobEngines.Hangfire;

    /// <summary>
    /// With <c>hangfire</c>: the account whose administrators may see the lanes of all accounts at <c>/jobs</c>; null: nobody may.
    /// </summary>
    public Guid? DashboardAccount { get; set; }

    /// <summary>A lane whose worker was silent for so long is another's; a chunk should take a small part of it.</summary>
    public int LeaseSeconds { get; set; } = 15;

    /// <summary>Lanes of a large job; 0: as many as the node that takes the job has cores, 8 at most.</summary>
    public int LanesPerJob { get; set; }

    /// <summary>
    /// Most rows or items in one transaction; of targets, which take less time, two or four times as many. The first transaction of a
    /// lane has 1,000 at most, and each of the next ones up to twice as many as the one before.
    /// </summary>
    public int ChunkRows { get; set; } = 5_000;

    /// <summary>Lanes a node runs at once; 0: as many as it has cores, and with <c>hangfire</c> from two to four.</summary>
    public int Workers { get; set; }

    /// <summary>The same as a number from 1.</summary>
    public int WorkerCount => Workers > 0 ? Workers : Environment.ProcessorCount;

    /// <summary>How often a node looks for lanes left behind.</summary>
    public int SweepSeconds { get; set; } = 3;

    /// <summary>After how many days without a change an ended job is taken out, with its results, errors and file; 0: never.</summary>
    public int RetentionDays { get; set; }

    /// <summary>Queued and running jobs an account may have; the next is refused with 429.</summary>
    public int MaxActiveJobsPerAccount { get; set; } = 30;

    /// <summary>Rows of an import's file. A file with more is refused when its upload is completed.</summary>
    public long MaxImportRows { get; set; } = 20_000_000;

    /// <summary>Failed rows or targets of a job, each of which is kept with its cells. A job with more fails.</summary>
    public long MaxFailures { get; set; } = 1_000_000;

    /// <summary>A job that deletes more records than this, which a filter or query finds, needs their number to start.</summary>
    public int ConfirmAbove { get; set; } = 1_000;
}
