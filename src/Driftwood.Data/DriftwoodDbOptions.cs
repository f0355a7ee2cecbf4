using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Driftwood.Data;

/// <summary>The options that every <see cref="DriftwoodDb"/> needs beside its connection.</summary>
public static class DriftwoodDbOptions
{
    private static readonly IInterceptor OneSession = new UnitOfWork.OneSession();

    /// <summary>Names tables and columns in snake_case, and keeps a unit of work on one session.</summary>
    public static TBuilder UseDriftwood<TBuilder>(this TBuilder options)
        where TBuilder : DbContextOptionsBuilder
    {
        options.UseSnakeCaseNamingConvention().AddInterceptors(OneSession);
        return options;
    }
}
