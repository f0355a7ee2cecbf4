using System.Data;
using System.Text.RegularExpressions;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Driftwood.Data;

/// <summary>
/// The control plane: accounts, tokens, uploads, jobs and what is said of them. The schema is the SQL in
/// <c>Migrations</c>; this model maps it and adds nothing.
/// </summary>
public sealed partial class DriftwoodDb(DbContextOptions<DriftwoodDb> options) : DbContext(options)
{
    /// <summary>Belongs in the options of every context whose <see cref="BeginAsync"/> is used.</summary>
    public static IInterceptor OneSession { get; } = new UnitOfWork.OneSession();

    /// <summary>Whether a transaction is under way that must not lose its connection.</summary>
    internal bool HasUnitOfWork { get; set; }

    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<User> Users => Set<User>();
    public DbSet<Token> Tokens => Set<Token>();
    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();
    public DbSet<Upload> Uploads => Set<Upload>();
    public DbSet<Job> Jobs => Set<Job>();
    public DbSet<Import> Imports => Set<Import>();
    public DbSet<BulkJob> BulkJobs => Set<BulkJob>();
    public DbSet<Lane> Lanes => Set<Lane>();
    public DbSet<RowError> RowErrors => Set<RowError>();
    public DbSet<RowWarning> RowWarnings => Set<RowWarning>();
    public DbSet<TargetFailure> TargetFailures => Set<TargetFailure>();
    public DbSet<UpkeepJob> UpkeepJobs => Set<UpkeepJob>();
    public DbSet<RecordSchema> RecordSchemas => Set<RecordSchema>();
    public DbSet<CustomRecordType> RecordTypes => Set<CustomRecordType>();
    public DbSet<CustomField> Fields => Set<CustomField>();

    /// <summary>Begins a transaction that ends with its connection; undone unless it is committed.</summary>
    public Task<UnitOfWork> BeginAsync(CancellationToken cancellationToken, IsolationLevel isolation = IsolationLevel.ReadCommitted) =>
        UnitOfWork.BeginAsync(this, isolation, cancellationToken);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<JobKind>().HaveConversion<SnakeCase<JobKind>>();
        configurationBuilder.Properties<JobStatus>().HaveConversion<SnakeCase<JobStatus>>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Account>().ToTable("accounts");
        modelBuilder.Entity<User>(user =>
        {
            user.ToTable("users").HasKey(u => new { u.AccountId, u.Id });
            user.HasOne<Account>().WithMany().HasForeignKey(u => u.AccountId);
        });
        modelBuilder.Entity<Token>(token =>
        {
            token.ToTable("tokens").HasKey(t => new { t.AccountId, t.Id });
            token.HasOne(t => t.User).WithMany().HasForeignKey(t => new { t.AccountId, t.UserId });
            token.HasOne(t => t.Account).WithMany().HasForeignKey(t => t.AccountId);
        });
        modelBuilder.Entity<IdempotencyKey>().ToTable("idempotency_keys").HasKey(k => new { k.AccountId, k.Key });
        modelBuilder.Entity<Upload>().ToTable("uploads").HasKey(u => new { u.AccountId, u.Id });
        MapJobs(modelBuilder);
        MapRecordTypes(modelBuilder);
        UseSnakeCaseColumns(modelBuilder);
    }

    private static void MapJobs(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Job>(job =>
        {
            job.ToTable("jobs").HasKey(j => new { j.AccountId, j.Id });
            job.HasMany(j => j.Lanes).WithOne().HasForeignKey(l => new { l.AccountId, l.JobId });
            job.HasOne(j => j.Import).WithOne(i => i.Job).HasForeignKey<Import>(i => new { i.AccountId, i.Id });
            job.HasOne(j => j.BulkJob).WithOne(b => b.Job).HasForeignKey<BulkJob>(b => new { b.AccountId, b.Id });
            job.HasOne(j => j.Creator).WithMany().HasForeignKey(j => new { j.AccountId, j.CreatedBy });
        });
        modelBuilder.Entity<Import>(import =>
        {
            import.ToTable("imports").HasKey(i => new { i.AccountId, i.Id });
            import.Property(i => i.Format).HasColumnType("jsonb");
            import.Property(i => i.Confirmation).HasColumnType("jsonb");
            import.HasOne(i => i.Upload).WithMany().HasForeignKey(i => new { i.AccountId, i.UploadId });
        });
        modelBuilder.Entity<BulkJob>(bulk =>
        {
            bulk.ToTable("bulk_jobs").HasKey(b => new { b.AccountId, b.Id });
            bulk.Property(b => b.Params).HasColumnType("jsonb");
            bulk.Property(b => b.Filter).HasColumnType("json");
        });
        modelBuilder.Entity<Lane>(lane =>
        {
            lane.ToTable("lanes").HasKey(l => new { l.AccountId, l.JobId, l.Number });
            lane.Property(l => l.Number).HasColumnName("lane");
        });
        modelBuilder.Entity<RowError>(error =>
        {
            error.ToTable("row_errors").HasKey(e => new { e.AccountId, e.JobId, e.RowNumber });
            error.Property(e => e.Also).HasColumnType("jsonb");
        });
        modelBuilder.Entity<RowWarning>().ToTable("row_warnings").HasKey(w => new { w.AccountId, w.JobId, w.RowNumber });
        modelBuilder.Entity<UpkeepJob>(upkeep =>
        {
            upkeep.ToTable("upkeep_jobs").HasKey(u => new { u.AccountId, u.Id });
            upkeep.HasOne(u => u.Job).WithOne().HasForeignKey<UpkeepJob>(u => new { u.AccountId, u.Id });
        });
        modelBuilder.Entity<TargetFailure>().ToTable("target_failures")
            .HasKey(f => new { f.AccountId, f.JobId, f.TargetIndex });
    }

    private static void MapRecordTypes(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<RecordSchema>().ToTable("record_schemas").HasKey(s => new { s.AccountId, s.RecordType });
        modelBuilder.Entity<CustomRecordType>().ToTable("record_types").HasKey(t => new { t.AccountId, t.Id });
        modelBuilder.Entity<CustomField>(field =>
        {
            field.ToTable("fields").HasKey(f => new { f.AccountId, f.Id });
            field.HasOne<RecordSchema>().WithMany().HasForeignKey(f => new { f.AccountId, f.RecordType });
        });
    }

    private static void UseSnakeCaseColumns(ModelBuilder modelBuilder)
    {
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.ValueGenerated = Microsoft.EntityFrameworkCore.Metadata.ValueGenerated.Never;
            if (property.FindAnnotation("Relational:ColumnName") is null)
            {
                property.SetColumnName(ToSnakeCase(property.Name));
            }
        }
    }

    internal static string ToSnakeCase(string name) => WordStart().Replace(name, "_$1").ToLowerInvariant();

    // Sha256 is one word, so a digit does not start one.
    [GeneratedRegex("(?<!^)([A-Z])")]
    private static partial Regex WordStart();

    private sealed class SnakeCase<TEnum>() : ValueConverter<TEnum, string>(
        value => ToSnakeCase(value.ToString()),
        text => Enum.Parse<TEnum>(text, true))
        where TEnum : struct, Enum;
}
