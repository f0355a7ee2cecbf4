namespace Driftwood.Benchmarks;

/// <summary>A bulk job and the one statement that does the same.</summary>
/// <param name="Operation">As bulk-jobs-create calls it.</param>
/// <param name="Params">Its parameters.</param>
/// <param name="Statement">What a script does to the contacts in <c>hand_targets</c>.</param>
internal sealed record BulkStep(string Operation, object Params, string Statement)
{
    /// <summary>The same contacts each time, so that each step finds what the one before it left; they are deleted last.</summary>
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
