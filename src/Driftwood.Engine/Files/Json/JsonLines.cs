namespace Driftwood.Engine.Files.Json;

/// <summary>JSON lines: each line that is not blank is a record.</summary>
internal sealed class JsonLines(Stream text) : JsonRecords(text)
{
    public override async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(cancellationToken))
        {
            Begin();
            while (await FillAsync(cancellationToken))
            {
                var end = Rest.IndexOf((byte)'\n');
                Pass(end < 0 ? Rest.Length : end + 1);
                if (end >= 0) break;
            }

            End();
            Here++;
            if (!Record.IsEmpty) return true;
        }

        return false;
    }
}
