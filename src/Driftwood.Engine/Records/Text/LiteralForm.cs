namespace Driftwood.Engine.Records.Text;

/// <summary>The form of a value in JSON or in a query.</summary>
internal enum LiteralForm
{
    String,
    Number,
    Boolean,
}
