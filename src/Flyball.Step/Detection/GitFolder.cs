namespace Flyball.Step.Detection;

/// <summary>What a working copy says about itself, read from its files: starting git would take longer than the step may.</summary>
/// <param name="Commit">Full id of what is checked out; "" if unknown.</param>
/// <param name="Branch">Branch; "" when a commit is checked out by id.</param>
/// <param name="Origin">Address of the remote "origin"; "" if there is none.</param>
/// <param name="Name">Name of the working copy's folder.</param>
internal sealed record GitFolder(string Commit, string Branch, string Origin, string Name)
{
    private const int MostParents = 64;

    /// <summary>Looks for a working copy in a folder and above it.</summary>
    public static GitFolder? Find(string folder)
    {
        try
        {
            var at = folder;
            for (var i = 0; i < MostParents && at is not null; i++)
            {
                var git = Path.Combine(at, ".git");
                if (File.Exists(Path.Combine(git, "HEAD")))
                {
                    return Read(git, git, Path.GetFileName(at));
                }

                if (File.Exists(git))
                {
                    return ReadLinked(at, git);
                }

                at = Path.GetDirectoryName(at);
            }
        }
        catch (IOException)
        {
            // A folder we may not read, or one that changes under us: then the run just has no commit.
        }
        catch (UnauthorizedAccessException)
        {
        }

        return null;
    }

    // Worktrees and submodules have a file instead of the folder: "gitdir: /where/it/is".
    private static GitFolder? ReadLinked(string folder, string file)
    {
        var text = File.ReadAllText(file).Trim();
        if (!text.StartsWith("gitdir:", StringComparison.Ordinal))
        {
            return null;
        }

        var git = Path.GetFullPath(text[7..].Trim(), folder);
        var commonFile = Path.Combine(git, "commondir");
        var common = File.Exists(commonFile) ? Path.GetFullPath(File.ReadAllText(commonFile).Trim(), git) : git;
        return Read(git, common, Path.GetFileName(folder));
    }

    private static GitFolder Read(string git, string common, string name)
    {
        var head = File.ReadAllText(Path.Combine(git, "HEAD")).Trim();
        var origin = OriginOf(Path.Combine(common, "config"));
        if (!head.StartsWith("ref:", StringComparison.Ordinal))
        {
            return new GitFolder(head, "", origin, name);
        }

        var reference = head[4..].Trim();
        var branch = reference.StartsWith("refs/heads/", StringComparison.Ordinal) ? reference[11..] : "";
        return new GitFolder(CommitOf(common, reference), branch, origin, name);
    }

    private static string CommitOf(string common, string reference)
    {
        var loose = Path.Combine(common, reference);
        if (File.Exists(loose))
        {
            return File.ReadAllText(loose).Trim();
        }

        var packed = Path.Combine(common, "packed-refs");
        if (File.Exists(packed))
        {
            foreach (var line in File.ReadLines(packed))
            {
                if (line.EndsWith(reference, StringComparison.Ordinal)
                    && line.IndexOf(' ', StringComparison.Ordinal) is var space and > 0 && line.AsSpan(space + 1).SequenceEqual(reference))
                {
                    return line[..space];
                }
            }
        }

        return "";
    }

    private static string OriginOf(string config)
    {
        if (!File.Exists(config))
        {
            return "";
        }

        var inOrigin = false;
        foreach (var raw in File.ReadLines(config))
        {
            var line = raw.Trim();
            if (line.StartsWith('['))
            {
                inOrigin = line == "[remote \"origin\"]";
            }
            else if (inOrigin && line.StartsWith("url", StringComparison.Ordinal)
                && line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
            {
                return line[(equals + 1)..].Trim();
            }
        }

        return "";
    }
}
