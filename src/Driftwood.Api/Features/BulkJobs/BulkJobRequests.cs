using Driftwood.Api.Features.Jobs;

namespace Driftwood.Api.Features.BulkJobs;

internal sealed record BulkJobsGetRequest : JobRequest;

internal sealed record BulkJobsPauseRequest : JobRequest;

internal sealed record BulkJobsResumeRequest : JobRequest;

internal sealed record BulkJobsCancelRequest : JobRequest;
