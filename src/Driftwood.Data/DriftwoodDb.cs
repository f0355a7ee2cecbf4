using System.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Driftwood.Data;

/// <summary>
/// The control plane: accounts, tokens, uploads, jobs and their results. The schema is the SQL in <c>Migrations</c>; this model
/// maps it and adds nothing. Tables are named after the sets, columns after the properties.
/// </summary>
public sealed class DriftwoodDb : DbContext
{
    public DriftwoodDb(DbContextOptions<DriftwoodDb> options)
        : base(options)
    {
        // A request whose changes are refused is rolled back as a whole.
        Database.AutoSavepointsEnabled = false;
    }

    /// <summary>Whether a transaction is under way that must not lose its connection.</summary>
    internal bool HasUnitOfWork { get; set; }

    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<User> Users => Set<User>();
    public DbSet<Token> Tokens => Set<Token>();
    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();
    public DbSet<Upload> Uploads => Set<Upload>();
    public DbSet<Job> Jobs => Set<Job>();
    public DbSet<Import> Imports => Set<Import>();
    public DbSet<ImportProfile> ImportProfiles => Set<ImportProfile>();
    public DbSet<BulkJob> BulkJobs => Set<BulkJob>();
    public DbSet<DraftBatch> DraftBatches => Set<DraftBatch>();
    public DbSet<Lane> Lanes => Set<Lane>();
    public DbSet<Receipt> Receipts => Set<Receipt>();
    public DbSet<RowError> RowErrors => Set<RowError>();
    public DbSet<RowWarning> RowWarnings => Set<RowWarning>();
    public DbSet<TargetFailure> TargetFailures => Set<TargetFailure>();
    public DbSet<MaintenanceJob> MaintenanceJobs => Set<MaintenanceJob>();
    public DbSet<RecordSchema> RecordSchemas => Set<RecordSchema>();
    public DbSet<CustomRecordType> RecordTypes => Set<CustomRecordType>();
    public DbSet<CustomField> Fields => Set<CustomField>();

    /// <summary>Begins a transaction that ends with its connection. It is undone unless it is committed.</summary>
    public Task<UnitOfWork> BeginAsync(CancellationToken cancellationToken, IsolationLevel isolation = IsolationLevel.ReadCommitted) =>
        UnitOfWork.BeginAsync(this, isolation, cancellationToken);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<JobKind>().HaveConversion<SnakeCase<JobKind>>();
        configurationBuilder.Properties<JobStatus>().HaveConversion<SnakeCase<JobStatus>>();
        configurationBuilder.Properties<ControlRequest>().HaveConversion<SnakeCase<ControlRequest>>();
        configurationBuilder.Properties<DryRunState>().HaveConversion<SnakeCase<DryRunState>>();
        configurationBuilder.Properties<LaneStatus>().HaveConversion<SnakeCase<LaneStatus>>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<User>(user =>
        {
            user.HasKey(u => new { u.AccountId, u.Id });
            user.HasOne<Account>().WithMany().HasForeignKey(u => u.AccountId);
        });
        modelBuilder.Entity<Token>(token =>
        {
            token.HasKey(t => new { t.AccountId, t.Id });
            token.HasOne(t => t.User).WithMany().HasForeignKey(t => new { t.AccountId, t.UserId });
            token.HasOne(t => t.Account).WithMany().HasForeignKey(t => t.AccountId);
        });
        modelBuilder.Entity<IdempotencyKey>().HasKey(k => new { k.AccountId, k.Key });
        modelBuilder.Entity<AuditEntry>().HasKey(e => new { e.AccountId, e.Id });
        modelBuilder.Entity<Upload>().HasKey(u => new { u.AccountId, u.Id });
        MapJobs(modelBuilder);
        MapImports(modelBuilder);
        MapResults(modelBuilder);
        MapRecordTypes(modelBuilder);
        modelBuilder.HasDbFunction(() => StoredTexts.Size(null)).HasName("pg_column_size").IsBuiltIn();
        modelBuilder.HasDbFunction(() => StoredTexts.Text(null)).HasName("concat").IsBuiltIn();
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.ValueGenerated = ValueGenerated.Never;
        }
    }

    private static void MapJobs(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Job>(job =>
        {
            job.HasKey(j => new { j.AccountId, j.Id });
            job.HasMany(j => j.Lanes).WithOne().HasForeignKey(l => new { l.AccountId, l.JobId });
            job.HasOne(j => j.Import).WithOne(i => i.Job).HasForeignKey<Import>(i => new { i.AccountId, i.Id });
            job.HasOne(j => j.BulkJob).WithOne(b => b.Job).HasForeignKey<BulkJob>(b => new { b.AccountId, b.Id });
            job.HasOne(j => j.Creator).WithMany().HasForeignKey(j => new { j.AccountId, j.CreatedBy });
        });
        modelBuilder.Entity<BulkJob>(bulk =>
        {
            bulk.HasKey(b => new { b.AccountId, b.Id });
            bulk.Property(b => b.Params).HasColumnType("jsonb");
            bulk.Property(b => b.Filter).HasColumnType("json");
        });
        modelBuilder.Entity<DraftBatch>(draft =>
        {
            draft.HasKey(d => new { d.AccountId, d.Id });
            draft.HasOne(d => d.Creator).WithMany().HasForeignKey(d => new { d.AccountId, d.CreatedBy });
        });
        modelBuilder.Entity<MaintenanceJob>(maintenance =>
        {
            maintenance.HasKey(u => new { u.AccountId, u.Id });
            maintenance.HasOne(u => u.Job).WithOne().HasForeignKey<MaintenanceJob>(u => new { u.AccountId, u.Id });
        });
        modelBuilder.Entity<Lane>(lane =>
        {
            lane.HasKey(l => new { l.AccountId, l.JobId, l.Number });
            lane.Property(l => l.Number).HasColumnName("lane");
        });
    }

    private static void MapImports(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Import>(import =>
        {
            import.HasKey(i => new { i.AccountId, i.Id });
            import.Property(i => i.Format).HasColumnType("jsonb");
            import.Property(i => i.Confirmation).HasColumnType("jsonb");
            import.Property(i => i.Settings).HasColumnType("jsonb");
            import.HasOne(i => i.Upload).WithMany().HasForeignKey(i => new { i.AccountId, i.UploadId });
        });
        modelBuilder.Entity<ImportProfile>(profile =>
        {
            profile.HasKey(p => new { p.AccountId, p.Id });
            profile.Property(p => p.Settings).HasColumnType("jsonb");
        });
    }

    private static void MapResults(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Receipt>().HasKey(r => new { r.AccountId, r.JobId });
        modelBuilder.Entity<RowError>(error =>
        {
            error.HasKey(e => new { e.AccountId, e.JobId, e.RowNumber });
            error.Property(e => e.Also).HasColumnType("jsonb");
        });
        modelBuilder.Entity<RowWarning>(warning =>
        {
            warning.HasKey(w => new { w.AccountId, w.JobId, w.RowNumber });
            warning.Property(w => w.Also).HasColumnType("jsonb");
        });
        modelBuilder.Entity<TargetFailure>().HasKey(f => new { f.AccountId, f.JobId, f.TargetIndex });
    }

    private static void MapRecordTypes(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<RecordSchema>().HasKey(s => new { s.AccountId, s.RecordType });
        modelBuilder.Entity<CustomRecordType>().HasKey(t => new { t.AccountId, t.Id });
        modelBuilder.Entity<CustomField>(field =>
        {
            field.HasKey(f => new { f.AccountId, f.Id });
            field.HasOne<RecordSchema>().WithMany().HasForeignKey(f => new { f.AccountId, f.RecordType });
        });
    }

    // Each name is one word, so its lower case is its snake_case.
    private sealed class SnakeCase<TEnum>() : ValueConverter<TEnum, string>(
        value => value.ToString().ToLowerInvariant(),
        text => Enum.Parse<TEnum>(text, true))
        where TEnum : struct, Enum;
}
