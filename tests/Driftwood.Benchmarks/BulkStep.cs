namespace Driftwood.Benchmarks;

/// <summary>A bulk job and the one SQL statement that does the same.</summary>
/// <param name="Operation">The operation's name in bulk-jobs-create.</param>
/// <param name="Params">The operation's parameters.</param>
/// <param name="Statement">The script's statement for the contacts in <c>hand_targets</c>.</param>
internal sealed record BulkStep(string Operation, object Params, string Statement)
{
    /// <summary>Removes a tag that no contact has.</summary>
    public static BulkStep Nothing { get; } = new("tag", new { remove = new[] { "none has it" } }, "");

    /// <summary>All steps use the same contacts, so each step finds the result of the step before. The last step deletes them.</summary>
    public static IReadOnlyList<BulkStep> All { get; } =
    [
        new("tag", new { add = new[] { "vip" }, remove = new[] { "old" } }, """
            update contacts c
            set tags = array_remove(case when 'vip' = any (c.tag_keys) then c.tags else c.tags || array['vip'] end, 'old'),
                tag_keys = array_remove(case when 'vip' = any (c.tag_keys) then c.tag_keys else c.tag_keys || array['vip'] end, 'old'),
                updated_at = now(), updated_by = @user
            from hand_targets t where c.account_id = @account and c.id = t.id
            """),
        new("update", new { fields = new { city = "Oslo", description = "Moved." } }, """
            update contacts c set city = 'Oslo', description = 'Moved.', updated_at = now(), updated_by = @user
            from hand_targets t where c.account_id = @account and c.id = t.id
            """),
        new("delete", new { }, "delete from contacts c using hand_targets t where c.account_id = @account and c.id = t.id"),
    ];
}
