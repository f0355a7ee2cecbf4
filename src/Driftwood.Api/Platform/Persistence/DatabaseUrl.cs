using Npgsql;

namespace Driftwood.Api.Platform.Persistence;

/// <summary>
/// Connection URIs as libpq and hosting platforms write them: <c>postgres://user:password@host:5432/database?sslmode=require</c>
/// (PostgreSQL's documentation, 34.1.1.2).
/// </summary>
internal static class DatabaseUrl
{
    /// <summary>libpq's parameters, and what Npgsql calls them.</summary>
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.Ordinal)
    {
        ["application_name"] = "Application Name",
        ["channel_binding"] = "Channel Binding",
        ["client_encoding"] = "Client Encoding",
        ["connect_timeout"] = "Timeout",
        ["dbname"] = "Database",
        ["gssencmode"] = "GSS Encryption Mode",
        ["host"] = "Host",
        ["options"] = "Options",
        ["password"] = "Password",
        ["port"] = "Port",
        ["search_path"] = "Search Path",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["target_session_attrs"] = "Target Session Attributes",
        ["user"] = "Username",
    };

    /// <summary>Whether the text has the form of such a URI.</summary>
    public static bool IsMeantBy(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The same as a connection string.</summary>
    /// <exception cref="ArgumentException">It is no such URI. The message never has a value, which may be the password.</exception>
    public static string ToConnectionString(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)) throw new ArgumentException("the URL cannot be read");
        NpgsqlConnectionStringBuilder settings = [];
        if (uri.Host.Length > 0) settings.Host = Uri.UnescapeDataString(uri.Host.Trim('[', ']'));
        if (uri.Port > 0) settings.Port = uri.Port;
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) settings.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) settings.Password = Uri.UnescapeDataString(user[1]);
        if (uri.AbsolutePath.Length > 1) settings.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        foreach (var parameter in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = parameter.Split('=', 2);
            if (parts.Length < 2 || !Keywords.TryGetValue(parts[0], out var keyword))
            {
                throw new ArgumentException($"the URL has a parameter that is not supported: {parts[0]}");
            }

            // Npgsql writes verify-full without the hyphen.
            var value = Uri.UnescapeDataString(parts[1]);
            settings[keyword] = keyword == "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }

        return settings.ConnectionString;
    }
}
