using Driftwood.Benchmarks;

// dotnet run -c Release --project tests/Driftwood.Benchmarks -- import|lists [--rows 1000000]
if (args is not [var benchmark and ("import" or "lists"), ..] || !TryReadRows(args[1..], out var rows))
{
    Console.Error.WriteLine("""
        Usage: import [--rows N]    side by side with a hand-written script, on one server in one run
               lists [--rows N]     pages and counts of contacts under filters
        """);
    return 2;
}

return await (benchmark == "import" ? ImportBenchmark.RunAsync(rows) : ListBenchmark.RunAsync(rows));

static bool TryReadRows(string[] options, out int rows)
{
    rows = 1_000_000;
    return options switch
    {
        [] => true,
        ["--rows", var text] => int.TryParse(text, out rows) && rows > 0,
        _ => false,
    };
}
