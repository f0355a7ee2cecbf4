namespace Driftwood.Api.Platform.Security;

/// <summary>
/// Looks values up by key. Callers that ask for the same key while it is looked up share the next look-up, so that a key has one look-up
/// at a time. Each caller's value was looked up after the caller asked, so it is as new as with a look-up of the caller's own.
/// </summary>
/// <param name="look">Looks a value up. Its exception reaches each caller that shares the look-up.</param>
internal sealed class SharedLookups<TValue>(Func<string, Task<TValue>> look)
{
    // The keys that are looked up now, each with what waits for the look-up after that.
    private readonly Dictionary<string, TaskCompletionSource<TValue>?> _next = new(StringComparer.Ordinal);

    public Task<TValue> FindAsync(string key)
    {
        var answer = new TaskCompletionSource<TValue>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_next)
        {
            if (_next.TryGetValue(key, out var next))
            {
                if (next is not null) return next.Task;
                _next[key] = answer;
                return answer.Task;
            }

            _next.Add(key, null);
        }

        _ = LookAsync(key, answer);
        return answer.Task;
    }

    private async Task LookAsync(string key, TaskCompletionSource<TValue>? answer)
    {
        while (answer is not null)
        {
            var looking = look(key);
            await Task.WhenAny(looking);
            answer.SetFromTask(looking);
            lock (_next)
            {
                answer = _next[key];
                if (answer is null) _next.Remove(key);
                else _next[key] = null;
            }
        }
    }
}
