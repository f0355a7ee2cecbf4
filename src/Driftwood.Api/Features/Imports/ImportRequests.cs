using Driftwood.Api.Features.Jobs;

namespace Driftwood.Api.Features.Imports;

internal sealed record ImportsGetRequest : JobRequest;

internal sealed record ImportsPauseRequest : JobRequest;

internal sealed record ImportsResumeRequest : JobRequest;

internal sealed record ImportsCancelRequest : JobRequest;
