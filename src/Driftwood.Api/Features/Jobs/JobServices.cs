namespace Driftwood.Api.Features.Jobs;

internal static class JobServices
{
    /// <summary>Adds the services that imports and bulk jobs share.</summary>
    public static void AddJobs(this IServiceCollection services)
    {
        services.AddScoped<JobLanes>();
        services.AddScoped<JobControl>();
    }

    /// <summary>Adds the reader of one kind of job, for its own routes and for the routes that all kinds share.</summary>
    public static void AddJobReader<TReader, TView>(this IServiceCollection services)
        where TReader : JobReader<TView>
        where TView : IJobView
    {
        services.AddScoped<TReader>();
        services.AddScoped<JobReader<TView>>(provider => provider.GetRequiredService<TReader>());
    }
}
