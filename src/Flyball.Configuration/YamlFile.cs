using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Flyball.Configuration;

/// <summary>Parses YAML text into nodes that know where they stand.</summary>
public static class YamlFile
{
    /// <summary>Reads the first document of a text.</summary>
    /// <param name="file">The name problems are reported under.</param>
    /// <returns>The root mapping; an empty one for an empty text; null when there is none to be had (a problem says why).</returns>
    public static YamlMappingNode? Load(string file, string text, ConfigProblems problems)
    {
        var stream = new YamlStream();
        var parser = new Parser(new StringReader(text));
        try
        {
            stream.Load(parser);
        }
        catch (YamlException e)
        {
            problems.Add(file, e.Start, "not valid YAML: " + Shorten(e.Message));
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The library throws these on some torn flow sequences and misplaced aliases; all that is known is how far it came.
            problems.Add(file, parser.Current?.End ?? Mark.Empty, "not valid YAML: the text after this place cannot be read");
            return null;
        }

        if (stream.Documents.Count == 0)
        {
            return [];
        }

        switch (stream.Documents[0].RootNode)
        {
            case YamlMappingNode root:
                return root;
            case YamlScalarNode { Value: null or "" }:
                return [];
            case var other:
                problems.Add(file, other, "a mapping of keys to values is expected here");
                return null;
        }
    }

    // The library prefixes its own rendering of the position, which the problem carries already.
    private static string Shorten(string message)
    {
        var end = message.IndexOf("): ", StringComparison.Ordinal);
        return (end < 0 ? message : message[(end + 3)..]).TrimEnd('.');
    }
}
