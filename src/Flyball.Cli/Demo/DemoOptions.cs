namespace Flyball.Cli.Demo;

/// <summary>What the command line says about the demo.</summary>
/// <param name="DataDirectory">The server's data directory, kept; null = a temporary one.</param>
/// <param name="Listen">The server's address; null = 127.0.0.1:9090, or another port if that one is taken.</param>
/// <param name="Once">End after the story, with exit code 1 if a part of it did not happen.</param>
/// <param name="Keep">Leave the temporary folder behind.</param>
internal sealed record DemoOptions(string? DataDirectory, string? Listen, bool Once, bool Keep)
{
    /// <summary>Longest a story told once may take, start of the server included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(115);
}

/// <summary>A part of the story that did not happen.</summary>
internal sealed class StageMissedException(string stage, string hint) : Exception($"{stage}: {hint}")
{
    /// <summary>What did not happen.</summary>
    public string Stage { get; } = stage;

    /// <summary>Where to look.</summary>
    public string Hint { get; } = hint;
}
