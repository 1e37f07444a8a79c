namespace Flyball.Pipelines.Questions;

/// <summary>What a parameter takes.</summary>
internal enum ParameterKind
{
    /// <summary>A text as it is.</summary>
    Word,

    /// <summary>A length of time such as <c>90s</c>, <c>10m</c> or <c>1h30m</c>.</summary>
    Duration,

    /// <summary>A whole number from 1 to 1000.</summary>
    Count,

    /// <summary>A number that is not negative.</summary>
    Number,

    /// <summary>A run id.</summary>
    Run,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    YesNo,
}

/// <summary>A parameter of a question.</summary>
/// <param name="Default">What it is when it is not given, in words; "" where nothing is.</param>
internal sealed record Parameter(string Name, ParameterKind Kind, string Default, string About);
