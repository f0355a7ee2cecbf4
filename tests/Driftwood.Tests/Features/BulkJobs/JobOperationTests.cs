using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Engine.Bulk.Operations;

namespace Driftwood.Tests.Features.BulkJobs;

public sealed class JobOperationTests
{
    [Fact]
    public void A_job_can_show_each_operation_that_a_request_can_name() =>
        Assert.Equal(
            Enum.GetValues<OperationName>().Select(name => (name.ToString(), (int)name)),
            Enum.GetValues<JobOperation>().Select(name => (name.ToString(), (int)name)).Take(Enum.GetValues<OperationName>().Length));

    // The database has the lower case of a name, and the API its snake_case.
    [Fact]
    public void Each_is_one_word() =>
        Assert.All(Enum.GetNames<JobOperation>(), name => Assert.Equal(name[1..].ToLowerInvariant(), name[1..]));
}
