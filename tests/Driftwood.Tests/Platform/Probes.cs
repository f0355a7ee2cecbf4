using System.Text.Json;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Driftwood.Tests.Platform;

/// <summary>Routes that show the platform's behaviour. They are written like a feature.</summary>
internal static class Probes
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapRpc("orders-check", Check).Reads();
        api.MapRpc("orders-create", CreateAsync).AsCreate();
        api.MapRpc("orders-file", () => Results.Text("a,b\n1,2\n", "text/csv"))
            .WithFileExample("{}", "text/csv", "a,b\n1,2\n")
            .Reads();
        api.MapRpc("orders-fail", FailAsync).AsCreate();
        api.MapRpc("failures-bug", Bug).InTransaction();
        api.MapRpc("failures-database", DatabaseFailureAsync).InTransaction();
    }

    internal enum Color
    {
        DeepRed,
        Blue,
    }

    internal sealed record Line
    {
        public required string Article { get; init; }
        public int Count { get; init; } = 1;
    }

    internal sealed record Order
    {
        public required string Name { get; init; }
        public required Guid[] Ids { get; init; }
        public Color? Color { get; init; }
        public Line[]? Lines { get; init; }
        public Dictionary<string, string>? Labels { get; init; }
        public Dictionary<string, string?>? Mapping { get; init; }
        public JsonElement? Fields { get; init; }
        public DateTimeOffset? At { get; init; }
        public DateOnly? Day { get; init; }
        public decimal? Price { get; init; }
        public bool Urgent { get; init; }
    }

    internal sealed class OrderRules : AbstractValidator<Order>
    {
        public OrderRules()
        {
            RuleFor(o => o.Name).NotEmpty().MaximumLength(12);
            RuleFor(o => o.Ids).Must(ids => ids.Length <= 3).WithErrorCode("too_many").WithMessage("Expected 3 at most.");
            RuleForEach(o => o.Lines).ChildRules(line => line.RuleFor(l => l.Count).InclusiveBetween(1, 9));
            RuleFor(o => o).Custom((order, context) =>
            {
                if (order.Name.Length < order.Ids.Length)
                    context.Fail(null, "unbalanced", "Found more ids than letters.");
            });
        }
    }

    internal static Order Check(Order request) => request;

    /// <summary>Renames the account to the order's name. Waits at the gate if the name says so.</summary>
    internal static async Task<object> CreateAsync(
        Order request, Caller caller, DriftwoodDb db, AfterCommit afterCommit, Gate gate, CancellationToken cancellationToken)
    {
        if (request.Name == "wait")
        {
            gate.Entered.SetResult();
            await gate.Open.Task.WaitAsync(cancellationToken);
        }

        var account = await db.Accounts.SingleAsync(a => a.Id == caller.AccountId, cancellationToken);
        account.Name += "+" + request.Name;
        await db.SaveChangesAsync(cancellationToken);
        if (request.Name == "hook")
            afterCommit.Add(_ => throw new InvalidOperationException("the hook is broken"));
        return new { Id = Guid.CreateVersion7(), account.Name, Note = "Blåbær & <b>" };
    }

    internal static async Task<object> FailAsync(
        Order request, Caller caller, DriftwoodDb db, AfterCommit afterCommit, CancellationToken cancellationToken)
    {
        afterCommit.Add(_ => throw new InvalidOperationException("must not run"));
        await db.Accounts.Where(a => a.Id == caller.AccountId)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.Name, request.Name), cancellationToken);
        throw ApiException.InvalidState("Not now.");
    }

    private static object Bug() => throw new InvalidOperationException("secret detail of select * from contacts");

    private static async Task DatabaseFailureAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select pg_terminate_backend(pg_backend_pid())");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
