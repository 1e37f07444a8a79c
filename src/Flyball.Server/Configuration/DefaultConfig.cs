namespace Flyball.Server.Configuration;

/// <summary>What a server does that was given no configuration: watch itself and its machine, take whatever is sent.</summary>
internal static class DefaultConfig
{
    private const string Text = """
        # The built-in configuration: no file was given.
        global:
          scrape_interval: 15s
          evaluation_interval: 15s
        """;

    public static FlyballConfig Create() =>
        ConfigLoader.Load("built-in defaults", Text, Environment.CurrentDirectory).Config! with { Path = null };
}
