using Flyball.Configuration;

namespace Flyball.Access;

/// <summary>The section <c>access</c>: who may come in.</summary>
/// <param name="Tokens">Bearer tokens; an empty list means that nothing is checked.</param>
public sealed record AccessConfig(IReadOnlyList<AccessToken> Tokens)
{
    /// <summary>Nobody is asked who he is.</summary>
    public static readonly AccessConfig Open = new([]);

    /// <summary>Whether callers are checked at all.</summary>
    public bool IsConfigured => Tokens.Count > 0;

    /// <summary>Reads the section; null is <see cref="Open"/>.</summary>
    public static AccessConfig Load(YamlSection? section, string baseFolder)
    {
        if (section is null)
        {
            return Open;
        }

        var tokens = new List<AccessToken>();
        foreach (var entry in section.Sections("tokens"))
        {
            var name = entry.RequiredText("name");
            var file = entry.RequiredText("token_file");
            var role = (AccessRole)(entry.Choice("role", "viewer", "sender", "operator") ?? (int)AccessRole.Viewer);
            if (tokens.Exists(t => t.Name == name))
            {
                entry.Report("name", $"two tokens are named \"{name}\"; the journal could not tell them apart");
            }

            entry.Finish();
            tokens.Add(new AccessToken(name, Path.GetFullPath(file, baseFolder), role));
        }

        section.Finish();
        return new AccessConfig(tokens);
    }
}

/// <summary>A token and what it allows.</summary>
/// <param name="Name">How its owner appears in the journal.</param>
/// <param name="File">Absolute path of the file with the secret; blanks around it are cut.</param>
/// <param name="Role">What it allows.</param>
public sealed record AccessToken(string Name, string File, AccessRole Role);

/// <summary>What a caller may do; each role includes the ones before it.</summary>
public enum AccessRole
{
    /// <summary>Read everything.</summary>
    Viewer,

    /// <summary>Also send telemetry and events.</summary>
    Sender,

    /// <summary>Also change things: silences, reload, actions, deletion.</summary>
    Operator,
}
