using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Driftwood.Api.Work.Maintenance;
using Driftwood.Api.Work.Maintenance.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Driftwood.Tests.Work;

public sealed class MaintenanceLoopTests
{
    private const int Runs = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_task_that_throws_stops_neither_the_node_nor_another_task()
    {
        var failing = new Chore("failing", () => throw new InvalidOperationException("Made to fail."));
        var sound = new Chore("sound", () => 7);
        using var host = HostOf(failing, sound);
        using var measured = new Measurements(host.Services.GetRequiredService<IMeterFactory>());

        await host.StartAsync(Cancellation);
        await failing.RanAsync();
        await sound.RanAsync();
        Assert.False(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        await host.StopAsync(Cancellation);

        // The last run may have been seen before it was measured.
        Assert.True(measured["failing failed"] >= Runs - 1);
        Assert.True(measured["sound completed"] >= Runs - 1);
        Assert.True(measured["sound items"] >= 7 * (Runs - 1));
        Assert.Equal(0, measured["failing completed"] + measured["failing items"] + measured["sound failed"]);
    }

    [Fact]
    public async Task A_task_that_hangs_holds_up_no_other_task_and_no_shutdown()
    {
        var hanging = new Chore("hanging", () => 0) { Hangs = true };
        var sound = new Chore("sound", () => 1);
        using var host = HostOf(hanging, sound);

        await host.StartAsync(Cancellation);
        await sound.RanAsync();
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public void Every_task_is_registered()
    {
        var registered = new ServiceCollection().AddMaintenance().Select(service => service.ServiceType).ToHashSet();
        var tasks = typeof(IMaintenanceTask).Assembly.GetTypes()
            .Where(type => type.IsClass && type.IsAssignableTo(typeof(IMaintenanceTask))).ToList();

        Assert.All(tasks, task => Assert.Contains(task, registered));
    }

    private static IHost HostOf(params Chore[] chores)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        foreach (var chore in chores) builder.Services.AddSingleton<IMaintenanceTask>(chore);
        builder.Services.AddHostedService<MaintenanceLoop>();
        return builder.Build();
    }

    private sealed class Chore(string name, Func<long> run) : IMaintenanceTask, IDisposable
    {
        private readonly SemaphoreSlim _ran = new(0);

        public bool Hangs { get; init; }

        public string Name => name;

        public TimeSpan Interval => TimeSpan.FromMilliseconds(1);

        public async Task<long> RunAsync(CancellationToken cancellationToken)
        {
            _ran.Release();
            if (Hangs) await Task.Delay(Timeout.Infinite, cancellationToken);
            return run();
        }

        public void Dispose() => _ran.Dispose();

        public async Task RanAsync()
        {
            for (var i = 0; i < Runs; i++) await _ran.WaitAsync(Cancellation);
        }
    }

    /// <summary>The runs by task and outcome, and the items by task.</summary>
    private sealed class Measurements : IDisposable
    {
        private readonly ConcurrentDictionary<string, long> _counts = new();
        private readonly MeterListener _listener = new();

        public Measurements(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == MaintenanceLoop.MeterName && instrument.Meter.Scope == meters)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Add($"{tags[0].Value} {tags[1].Value}", 1));
            _listener.SetMeasurementEventCallback<long>((_, items, tags, _) => Add($"{tags[0].Value} items", items));
            _listener.Start();
        }

        public long this[string key] => _counts.GetValueOrDefault(key);

        public void Dispose() => _listener.Dispose();

        private void Add(string key, long count) => _counts.AddOrUpdate(key, count, (_, before) => before + count);
    }
}
