using System.Text.Json;

namespace Driftwood.Benchmarks;

/// <summary>
/// The clients of <see cref="ClientsBenchmark"/> but the measured one, in a process of their own: one process of all clients would measure
/// the client's waits for its own process too.
/// </summary>
internal static class ClientCrowd
{
    /// <summary>The argument that starts this program as the crowd.</summary>
    public const string Verb = "client-crowd";

    private static readonly TimeSpan OthersPause = TimeSpan.FromSeconds(1);

    private static readonly object Expensive = new
    {
        query = string.Join(" OR ", Enumerable.Range(0, 100).Select(n => $"last_name CONTAINS 'x{n}y'")),
    };

    private static readonly object Large = new
    {
        filter = new { field = "city", op = "contains", value = "7" },
        order_by = "email",
        limit = 1_000,
    };

    /// <summary>
    /// Calls each route once and prints a line. Then reads a line, and calls until it reads the next one. Prints the
    /// <see cref="CrowdReport"/> as JSON.
    /// </summary>
    /// <param name="args">The service's address, the number of clients, the greedy account's token, those of the other accounts.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var (address, clients) = (new Uri(args[0]), int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture));
        var routes = await DocumentRoute.ReadAsync(address);
        var (greedy, others) = (new ClientAnswers("greedy"), new ClientAnswers("others"));
        using var most = new CrowdClient(address, args[2], routes, greedy);
        var few = args[3..].Select(token => new CrowdClient(address, token, routes, others)).ToList();
        foreach (var client in few.Append(most)) await client.CallEachAsync(CancellationToken.None);
        Console.WriteLine("ready");

        await Console.In.ReadLineAsync();
        using var end = new CancellationTokenSource();
        var calling = Enumerable.Range(0, clients)
            .Select(n => UntilAsync(n % 5 == 4
                ? few[n / 5 % few.Count].CallAllAsync(n * 7, OthersPause, end.Token)
                : BeGreedyAsync(most, n, end.Token)))
            .ToList();
        await Console.In.ReadLineAsync();
        await end.CancelAsync();
        await Task.WhenAll(calling);
        few.ForEach(client => client.Dispose());
        Console.WriteLine(JsonSerializer.Serialize(new CrowdReport(
            [$"{greedy}", $"{others}"],
            routes.ToDictionary(route => route.Name, route => new[] { greedy, others }.Min(each => LowestOf(route, each))),
            [.. greedy.Defects.Concat(others.Defects).Select(defect => $"{defect.Value} times {defect.Key}")])));
        return 0;
    }

    private static int? LowestOf(DocumentRoute route, ClientAnswers answers) =>
        answers.Routes.TryGetValue(route.Name, out var status) ? (int)status : null;

    private static Task BeGreedyAsync(CrowdClient client, int n, CancellationToken end) => (n % 10) switch
    {
        0 or 5 => client.RepeatAsync("contacts-count", Expensive, end),
        1 or 6 => client.RepeatAsync("contacts-list", Large, end),
        2 => client.CreateJobsAsync(end),
        3 => client.ImportAsync(end),
        _ => client.CallAllAsync(n * 7, TimeSpan.Zero, end),
    };

    private static async Task UntilAsync(Task calling)
    {
        try
        {
            await calling;
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }
}

/// <param name="Lines">What the clients of each kind were answered.</param>
/// <param name="Lowest">The lowest status of each route; null if it was never answered.</param>
/// <param name="Defects">The answers that must not be.</param>
internal sealed record CrowdReport(IReadOnlyList<string> Lines, IReadOnlyDictionary<string, int?> Lowest, IReadOnlyList<string> Defects);
