using Flyball.Configuration;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>hooks</c>: how senders of webhooks prove who they are.</summary>
/// <param name="SecretFiles">By system (<c>github</c>, …): absolute paths of files with a secret each; several while one is rotated.</param>
public sealed record HooksConfig(IReadOnlyDictionary<string, IReadOnlyList<string>> SecretFiles)
{
    private static readonly string[] Systems = ["tekton", "step", "github", "gitlab", "buildkite", "jenkins"];

    /// <summary>Nobody has to prove anything.</summary>
    public static readonly HooksConfig Open = new(new Dictionary<string, IReadOnlyList<string>>());

    /// <summary>Reads the section; null is <see cref="Open"/>.</summary>
    public static HooksConfig Load(YamlSection? section, string baseFolder)
    {
        if (section is null)
        {
            return Open;
        }

        var files = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var system in Systems)
        {
            if (section.Section(system) is not { } entry)
            {
                continue;
            }

            IReadOnlyList<string> paths = [.. entry.Texts("secret_files").Select(f => Path.GetFullPath(f, baseFolder))];
            if (paths.Count == 0)
            {
                entry.Report("secret_files", $"\"secret_files\" is missing; list the files with the secrets of {system}, or leave {system} out to take its events unproven");
            }

            files[system] = paths;
            entry.Finish();
        }

        section.Finish();
        return new HooksConfig(files);
    }

    /// <summary>The secrets of a system as they are now. A file that cannot be read yields one that nobody can know.</summary>
    public IReadOnlyList<string> SecretsOf(string system) =>
        SecretFiles.TryGetValue(system, out var files) ? [.. files.Select(Read)] : [];

    // A configured secret that cannot be read must not turn into "no proof needed".
    private static string Read(string file)
    {
        try
        {
            var secret = File.ReadAllText(file).Trim();
            return secret.Length > 0 ? secret : Unguessable();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unguessable();
        }
    }

    private static string Unguessable() => Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
}
