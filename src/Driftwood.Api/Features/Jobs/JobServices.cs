namespace Driftwood.Api.Features.Jobs;

internal static class JobServices
{
    /// <summary>What imports and bulk jobs share.</summary>
    public static void AddJobs(this IServiceCollection services)
    {
        services.AddScoped<JobLanes>();
        services.AddScoped<JobControl>();
    }

    /// <summary>The reader of one kind of job, for its own routes and for the verbs that all kinds share.</summary>
    public static void AddJobReader<TReader, TView>(this IServiceCollection services)
        where TReader : JobReader<TView>
        where TView : IJobView
    {
        services.AddScoped<TReader>();
        services.AddScoped<JobReader<TView>>(provider => provider.GetRequiredService<TReader>());
    }
}
