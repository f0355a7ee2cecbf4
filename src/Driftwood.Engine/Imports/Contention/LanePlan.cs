using Driftwood.Engine.Faults;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>The data that an import's lanes need before they begin.</summary>
/// <param name="Fields">The unique fields that were compared, by <see cref="NameOf"/>. Another unique field makes the plan invalid.</param>
/// <param name="Contested">Hashes of the match keys whose rows lane 0 takes, ascending; null if it takes all rows.</param>
internal sealed record LanePlan(string[] Fields, long[]? Contested)
{
    /// <summary>A field's name in a plan. A custom field has its id, because another field may later be created under its key.</summary>
    public static string NameOf(Field field) => field.UniqueId?.ToString() ?? field.Key;

    /// <summary>Distributes an import's rows to its lanes.</summary>
    /// <param name="plan">The import.</param>
    /// <param name="lanes">Its lanes.</param>
    /// <param name="stored">Null where no columns were compared.</param>
    /// <exception cref="JobFailedException">A unique field is mapped whose values were not compared.</exception>
    public static RowLanes Deal(ImportPlan plan, int lanes, LanePlan? stored)
    {
        if (lanes > 1 && plan.OtherUnique.Any(column => stored is null || !stored.Fields.Contains(NameOf(column.Field))))
        {
            throw new JobFailedException(
                "A field that a column is mapped to has become unique since the import was confirmed; import the rest of the file anew.");
        }

        return stored switch
        {
            null => new RowLanes(plan, lanes, ContestedKeys.None),
            { Contested: { } keys } => new RowLanes(plan, lanes, new ContestedKeys(keys)),
            _ => new RowLanes(plan, 1, ContestedKeys.None),
        };
    }

    /// <summary>Stores the plan.</summary>
    public async Task SaveAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        await using var command = LaneTable.Command(connection, "save-plan", lane);
        command.Parameters.AddWithValue("fields", Fields);
        command.Parameters.AddWithValue("contested", NpgsqlDbType.Array | NpgsqlDbType.Bigint, (object?)Contested ?? DBNull.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
