using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Driftwood.Data.Migrations;

[DbContext(typeof(DriftwoodDb))]
[Migration("0008_bulk_items")]
internal sealed class BulkItems : SqlMigration;
