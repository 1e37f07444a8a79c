namespace Flyball.PromQL;

/// <summary>What kind of value an expression has.</summary>
public enum ValueKind
{
    /// <summary>No value: only of something malformed.</summary>
    None,

    /// <summary>One number per step.</summary>
    Scalar,

    /// <summary>A string.</summary>
    String,

    /// <summary>Series with at most one sample per step.</summary>
    Vector,

    /// <summary>Series with the samples of a stretch of time.</summary>
    Matrix,
}

internal static class ValueKindText
{
    /// <summary>The kind as the documentation and error messages call it.</summary>
    public static string Documented(this ValueKind kind) => kind switch
    {
        ValueKind.Vector => "instant vector",
        ValueKind.Matrix => "range vector",
        _ => kind.Name(),
    };

    /// <summary>The kind as the HTTP interface calls it.</summary>
    public static string Name(this ValueKind kind) => kind switch
    {
        ValueKind.Scalar => "scalar",
        ValueKind.String => "string",
        ValueKind.Vector => "vector",
        ValueKind.Matrix => "matrix",
        _ => "none",
    };
}
