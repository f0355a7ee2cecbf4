using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsConfirm
{
    /// <summary>How many columns a warning names.</summary>
    private const int MaxNamed = 20;

    /// <summary>A request that may take its settings from elsewhere.</summary>
    internal interface IHasOrigin
    {
        /// <summary>A profile.</summary>
        Guid? ProfileId { get; }

        /// <summary>An earlier import.</summary>
        Guid? Like { get; }
    }

    internal sealed record Request : Settings, IHasOrigin
    {
        public required Guid Id { get; init; }

        /// <summary>
        /// A profile, whose settings hold where this request gives none. Its columns are found in the file by their names; order and case
        /// do not count. A mapped column that the file lacks is refused, unless column_mapping is given.
        /// </summary>
        public Guid? ProfileId { get; init; }

        /// <summary>
        /// An earlier import, whose settings hold in the same way, as they were given when it was confirmed. What was left out there is
        /// found anew, such as the format of dates.
        /// </summary>
        public Guid? Like { get; init; }

        /// <summary>
        /// True: find the outcome of each row, with counts, row errors and warnings, and write no record. After it has ended, confirm
        /// the same upload again, with dry_run false or absent for the real import. That is a separate job on the same frozen file, with
        /// source_job_id. Default false.
        /// </summary>
        public bool? DryRun { get; init; }
    }

    /// <summary>The settings that do not depend on one file.</summary>
    internal abstract record Settings
    {
        /// <summary>
        /// Column name, as in the preview's headers, to field. Null or absent: the column is not imported. In place of the field, an object
        /// {"field": "city", "policy": "fill_blank"} says which records get the value. overwrite, the default: new ones, and those that are
        /// matched as duplicate_strategy says. fill_blank: new ones, and those that are matched and have no value. create_only: new ones.
        /// Several columns may fill one text field that is no match field: their values are joined by a comma and a blank, in the file's
        /// order, without blank cells. The object may also have transforms (a list of names, or of objects with name and parameters: trim,
        /// collapse, upper, lower, title, strip_prefix, replace, split, split_name, concat, url_domain, phone), value_map (cell to value;
        /// case does not count; null: no value), null_values (cells of this column that stand for no value), default (the value of blank
        /// cells), default_on_create (the same, only where a record is created), by (for company_id and source_id: the match field of the
        /// record whose value the cells have, such as name) and, for a field with options, unknown: fail, the default, blank: a value that
        /// is no option counts as a blank cell, with a warning, or add_option: the values of the file become options of the field. The
        /// whole mapping may be left out if the suggested one is certain: every mapping_confidence is 0.8 or more. Then that mapping is
        /// taken.
        /// </summary>
        public Dictionary<string, JsonElement>? ColumnMapping { get; init; }

        /// <summary>
        /// Field to the column from which its value is taken, which may be mapped to another field as well:
        /// {"last_name": {"column": "Name", "transforms": [{"name": "split_name", "part": "last"}]}}. The object has column and, as in
        /// column_mapping, policy, transforms, value_map, null_values, default, default_on_create and unknown.
        /// </summary>
        public Dictionary<string, JsonElement>? ComputedFields { get; init; }

        /// <summary>
        /// Field to a value that every row has, beside its cells: {"city": "Oslo"}. An object {"value": "Oslo", "policy": "create_only"}
        /// says which records get the value, as in column_mapping. The field has no column, is not unique and is no list. Rows whose own
        /// cells are all blank are skipped all the same.
        /// </summary>
        public Dictionary<string, JsonElement>? Constants { get; init; }

        /// <summary>The effect of rows that match a record: skip, merge or overwrite. Default skip.</summary>
        public DuplicateStrategy? DuplicateStrategy { get; init; }

        /// <summary>The separator between the tags of a cell, 1 to 10 characters. Default: a comma.</summary>
        public string? TagDelimiter { get; init; }

        /// <summary>
        /// The field that rows are matched on, or a list of fields: ["email", "phone"]. A row is matched on the first of them in which it
        /// has a value. All must be mapped. Default: the type's first match field that is mapped.
        /// </summary>
        public JsonElement? MatchOn { get; init; }

        /// <summary>
        /// upsert, create_only (rows with a match are skipped) or update_only (rows without a match are skipped). Default upsert.
        /// </summary>
        public ImportMode? Mode { get; init; }

        /// <summary>With merge: whether a blank cell keeps or clears the record's value. Default keep.</summary>
        public BlankCells? BlankCells { get; init; }

        /// <summary>Tags that every created, merged or overwritten record gets.</summary>
        public string[]? AddTags { get; init; }

        /// <summary>
        /// The format of the file's dates: yyyy-mm-dd, dd-mm-yyyy or mm-dd-yyyy, with - / or . between the parts. Default: the preview's
        /// detected.date_format, or yyyy-mm-dd if that is null. Dates with the year first or with the name of the month are always read.
        /// </summary>
        public DateFormat? DateFormat { get; init; }

        /// <summary>
        /// True if numbers have a decimal comma, 1.234.567,50, and false if they have a point, 1,234,567.50. Default: the preview's
        /// detected.decimal_comma, or false if that is null.
        /// </summary>
        public bool? DecimalComma { get; init; }

        /// <summary>
        /// Reads years of two digits: those below this number are in the 2000s and the others in the 1900s, 0 to 99. With 30, 29 is 2029
        /// and 30 is 1930. Default: a year of two digits is refused.
        /// </summary>
        public int? TwoDigitYears { get; init; }

        /// <summary>
        /// The country of the phone numbers that have no country code, such as DE. They are stored in the international form: 0171 123
        /// becomes +49171123. An empty string: numbers are stored as they are written. Default: the country of account-settings-get.
        /// </summary>
        public string? PhoneCountry { get; init; }

        /// <summary>
        /// Cells that stand for no value, such as NULL and n/a, at most 100. Case counts. The preview's detected.null_values are those that
        /// were found. Default: none.
        /// </summary>
        public string[]? NullValues { get; init; }

        /// <summary>
        /// For contacts: none, existing (created or updated contacts get the company_id of the company that their row names) or create
        /// (missing companies are also created; company_name must be mapped). Default none. The company is the one with the row's
        /// domain: the domain of the website, or else of the e-mail address, except for public mail providers. Without such a company,
        /// it is the only company with the row's company_name. A company that is not found, shares its name with others, or cannot be
        /// created causes a warning (imports-warnings), and the contact is kept. If a row leads to no company, merge keeps the contact's
        /// company and overwrite clears it.
        /// </summary>
        public LinkCompanies? LinkCompanies { get; init; }

        /// <summary>
        /// False: the change log does not keep what records held before, and the import cannot be undone. Default true.
        /// </summary>
        public bool? KeepChanges { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            // Settings of a profile or an earlier import are checked once they are merged with those of the request.
            When(r => r.ProfileId is null && r.Like is null, () => Include(new SettingsRules()));
            Include(new OriginRules());
        }
    }

    internal sealed class OriginRules : AbstractValidator<IHasOrigin>
    {
        public OriginRules() => RuleFor(r => r.Like).Null().When(r => r.ProfileId is not null)
            .WithErrorCode("conflict").WithMessage("Give profile_id or like, not both.");
    }

    internal sealed class SettingsRules : AbstractValidator<Settings>
    {
        public SettingsRules()
        {
            RuleFor(r => r.ColumnMapping).NotEmpty().When(r => r.ColumnMapping is not null);
            RuleFor(r => r.ComputedFields).NotEmpty().When(r => r.ComputedFields is not null);
            RuleFor(r => r.Constants).NotEmpty().When(r => r.Constants is not null);
            RuleFor(r => r.TagDelimiter).Length(1, 10);
            RuleFor(r => r.Mode)
                .Must((request, mode) => mode != ImportMode.UpdateOnly || request.DuplicateStrategy is not (null or DuplicateStrategy.Skip))
                .WithErrorCode("conflict")
                .WithMessage("update_only needs the duplicate_strategy merge or overwrite: with skip nothing would be done.");
            RuleFor(r => r.BlankCells)
                .Must((request, cells) => cells != BlankCells.Clear || request.DuplicateStrategy == DuplicateStrategy.Merge)
                .WithErrorCode("conflict").WithMessage("clear goes with the duplicate_strategy merge; overwrite clears in any case.");
            RuleFor(r => r.TwoDigitYears).InclusiveBetween(0, 99);
            RuleFor(r => r.PhoneCountry).Custom((country, context) =>
            {
                if (string.IsNullOrEmpty(country) || PhoneCountries.IsKnown(country.ToUpperInvariant())) return;
                var message = $"Found {Found.Describe(country)}, expected the two letters of a country, such as DE.";
                context.Fail("phone_country", "invalid_choice", message, PhoneCountries.All);
            });
            RuleFor(r => r.NullValues).Custom((values, context) =>
            {
                if (values is null) return;
                if (values.Length > NullMarkers.Max)
                {
                    var message = FormattableString.Invariant($"Found {values.Length} values, expected at most {NullMarkers.Max}.");
                    context.Fail("null_values", "out_of_range", message);
                }
                else if (values.Any(value => value is null or { Length: > NullMarkers.MaxLength }))
                {
                    var message = FormattableString.Invariant($"Expected strings of at most {NullMarkers.MaxLength} characters.");
                    context.Fail("null_values", "too_long", message);
                }
            });
            RuleFor(r => r.AddTags).Custom((tags, context) =>
            {
                TagSet.Read(tags ?? [], out var fault);
                if (fault is not null) context.Fail("add_tags", fault.Code, fault.Message);
            });
        }
    }

    public static async Task<ImportView> HandleAsync(
        Request request, Caller caller, ImportReader imports, RecordTypeCatalog types, NewOptions newOptions, JobLanes lanes,
        DriftwoodDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var family = await ImportFamily.LockAsync(imports, db, caller, request.Id, cancellationToken);
        var uploaded = family.Uploaded;
        var type = await types.RequireForImportAsync(db, caller, uploaded.RecordType, cancellationToken);
        var (spec, full, stored) = await ResolveAsync(request, caller, type, uploaded, db, cancellationToken);
        var id = family.Find(spec)?.Id;
        if (id is null)
        {
            if (!spec.DryRun) await newOptions.AddAsync(caller, uploaded, type, spec, cancellationToken);
            var now = clock.GetUtcNow();
            id = await family.StartAsync(db, spec, GivenAs(full, spec, stored), caller.UserId, now, cancellationToken);
            var layout = new ImportLayout(type, spec, uploaded.Import!.Headers!);
            var count = layout.RunsInLanes ? lanes.CountFor(uploaded.TotalCount) : 1;
            lanes.WakeAfterCommit(lanes.Add(caller.AccountId, id.Value, count, now, layout.IsPlanned));
            await db.SaveChangesAsync(cancellationToken);
        }

        var view = await imports.ReadAsync(caller, id.Value, cancellationToken);
        string[] warnings = [.. WarningsOf(request, stored is not null, spec, type, uploaded.Import!.Headers!)];
        return warnings.Length > 0 ? view with { Warnings = warnings } : view;
    }

    /// <summary>The confirmation of an import.</summary>
    /// <param name="settings">Members of <see cref="Settings"/>.</param>
    /// <param name="id">The import.</param>
    /// <param name="origin">Where other settings come from; null: nowhere.</param>
    /// <param name="dryRun">Whether no record is written.</param>
    public static Request RequestOf(JsonObject settings, Guid id, IHasOrigin? origin, bool? dryRun)
    {
        settings["id"] = id;
        settings["profile_id"] = origin?.ProfileId;
        settings["like"] = origin?.Like;
        settings["dry_run"] = dryRun;
        return settings.Deserialize<Request>(WireJson.Options)!;
    }

    /// <summary>
    /// The settings of an import: those of the request, of its profile or earlier import, and of the preview, checked against the file's
    /// columns and the fields.
    /// </summary>
    /// <exception cref="ApiException">422 with every reason at once.</exception>
    public static async Task<(ImportSpec Spec, Request Full, StoredSettings? Stored)> ResolveAsync(
        Request request, Caller caller, RecordType type, Job uploaded, DriftwoodDb db, CancellationToken cancellationToken)
    {
        var phoneCountry = await db.Accounts.Where(account => account.Id == caller.AccountId).Select(account => account.PhoneCountry)
            .SingleAsync(cancellationToken);
        var suggestion = FileFormats.Read(uploaded.Import!.Format!).Suggestion;
        var stored = await StoredSettings.FindAsync(
            db, caller, uploaded.RecordType, request.ProfileId, request.Like, cancellationToken);
        var full = stored is null ? request : Fill(request, stored, uploaded.Import.Headers!);
        return (ColumnMappingRules.Resolve(type, uploaded.Import.Headers!, full, suggestion, phoneCountry), full, stored);
    }

    /// <summary>Requires that settings from several places go together.</summary>
    /// <exception cref="ApiException">422 with every reason at once.</exception>
    public static void RequireSound(Request full)
    {
        var found = new SettingsRules().Validate(full);
        if (!found.IsValid) throw ApiException.Validation([.. found.Errors.Select(ValidationFilter.ToDetail)]);
    }

    private static Request Fill(Request request, StoredSettings stored, IReadOnlyList<string> headers)
    {
        var merged = stored.With(StoredSettings.Of(request));
        if (request.ColumnMapping is null) merged[StoredSettings.Mapping] = stored.MapColumns(headers);
        StoredSettings.FitColumns(merged, headers);
        var full = RequestOf(merged, request.Id, origin: null, request.DryRun);
        RequireSound(full);
        return full;
    }

    private static StoredSettings GivenAs(Request full, ImportSpec spec, StoredSettings? stored)
    {
        var members = StoredSettings.Of(full);
        members[StoredSettings.Mapping] ??= JsonSerializer.SerializeToNode(spec.ColumnMapping);
        return new StoredSettings(members, stored?.ProfileId, stored?.ProfileVersion);
    }

    private static IEnumerable<string> WarningsOf(
        Request request, bool isStored, ImportSpec spec, RecordType type, IReadOnlyList<string> headers)
    {
        if (spec.MatchOn is null)
            yield return $"No match field is mapped ({string.Join(", ", type.MatchFields)}): every row creates a record.";
        if (request.ColumnMapping is not null) yield break;
        string[] left = [.. headers.Except(spec.ReadColumns())];
        if (left.Length == 0) yield break;
        var more = left.Length > MaxNamed ? FormattableString.Invariant($" and {left.Length - MaxNamed} more") : "";
        var names = string.Join(", ", left.Take(MaxNamed).Select(Found.Describe));
        yield return $"Columns without a {(isStored ? "stored" : "suggested")} field are not imported: {names}{more}.";
    }
}
