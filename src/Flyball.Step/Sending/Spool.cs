using System.Text;
using Flyball.Model.Runs;
using Flyball.Step.Execution;

namespace Flyball.Step.Sending;

/// <summary>Spans that could not be sent, one file each, in a folder that all steps of a user share.</summary>
/// <remarks>
/// <para>A file is complete from the moment it has its name: it is written under another one and renamed. Names begin with the
/// time, so that their order is their age, then say which server the span is for: what one server could not take is never
/// given to another.</para>
/// <code>01785d2c9f3a1b00-5f0c2a7e-3e1f….json      time in ns (hex) - hash of the server's address - random</code>
/// <para>Who sends holds a lock on the folder; the others leave it to him. A lock of the kernel, so a killed step leaves none.</para>
/// </remarks>
internal sealed class Spool(string folder, string server)
{
    /// <summary>Most bytes that wait; the oldest are dropped for newer ones.</summary>
    public const long MostBytes = 16 << 20;

    /// <summary>Most files that wait.</summary>
    public const int MostFiles = 2000;

    private const int ExclusiveNow = 2 | 4;   // LOCK_EX | LOCK_NB
    private const string Suffix = ".json";

    private readonly string _tag = RunIds.SpanId(server, "spool")[..8];

    /// <summary>Where the spool lies unless it is said otherwise; null if there is no home either.</summary>
    public static string? DefaultFolder(Detection.Variables variables)
    {
        if (variables["FLYBALL_SPOOL"] is { Length: > 0 } own)
        {
            return own;
        }

        if (variables["XDG_STATE_HOME"] is { Length: > 0 } state && Path.IsPathRooted(state))
        {
            return Path.Combine(state, "flyball", "spool");
        }

        return variables["HOME"] is { Length: > 0 } home ? Path.Combine(home, ".local", "state", "flyball", "spool") : null;
    }

    /// <summary>Keeps a document for later.</summary>
    /// <returns>Null if it is kept, else why not.</returns>
    public string? TryKeep(ReadOnlySpan<byte> document, long now)
    {
        try
        {
            // Tails may quote anything: the folder is the user's own.
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var name = $"{now:x16}-{_tag}-{Guid.NewGuid():n}";
            var temporary = Path.Combine(folder, name + ".tmp");
            File.WriteAllBytes(temporary, document.ToArray());
            File.Move(temporary, Path.Combine(folder, name + Suffix));
            DropOldest(now);
            return null;
        }
        catch (IOException problem)
        {
            return problem.Message;
        }
        catch (UnauthorizedAccessException problem)
        {
            return problem.Message;
        }
    }

    /// <summary>Sends what waits for this server, oldest first, until the deadline or the first refusal.</summary>
    /// <param name="post">Sends one document.</param>
    /// <returns>How many the server has taken.</returns>
    public int Resend(Func<byte[], Deadline, PostResult> post, Deadline deadline)
    {
        if (!Directory.Exists(folder))
        {
            return 0;
        }

        try
        {
            var waiting = Waiting();
            return waiting.Count == 0 ? 0 : ResendLocked(waiting, post, deadline);
        }
        catch (IOException)
        {
            return 0;   // unreadable now; the files stay for the next step
        }
        catch (UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private unsafe int ResendLocked(List<string> waiting, Func<byte[], Deadline, PostResult> post, Deadline deadline)
    {
        int handle;
        fixed (byte* path = Encoding.UTF8.GetBytes(Path.Combine(folder, ".lock") + "\0"))
        {
            handle = Native.Open(path, Native.ReadWrite | Native.CloseOnExec | 0x40, 0x180);   // O_CREAT, 0600
        }

        if (handle < 0)
        {
            return 0;
        }

        try
        {
            return Native.LockFile(handle, ExclusiveNow) == 0 ? SendAll(waiting, post, deadline) : 0;
        }
        finally
        {
            _ = Native.Close(handle);
        }
    }

    private static int SendAll(List<string> waiting, Func<byte[], Deadline, PostResult> post, Deadline deadline)
    {
        var sent = 0;
        foreach (var file in waiting)
        {
            if (deadline.LeftMilliseconds == 0)
            {
                break;
            }

            // Somebody may have dropped or sent it between our listing and our lock.
            if (!File.Exists(file))
            {
                continue;
            }

            var result = post(File.ReadAllBytes(file), deadline);
            if (!result.IsAccepted && result.IsWorthRetrying)
            {
                break;
            }

            // Accepted, or refused for good: a document the server calls malformed will not get better.
            File.Delete(file);
            sent += result.IsAccepted ? 1 : 0;
        }

        return sent;
    }

    private List<string> Waiting()
    {
        var files = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder, $"*-{_tag}-*{Suffix}"))
        {
            files.Add(file);
        }

        files.Sort(string.CompareOrdinal);
        return files;
    }

    private void DropOldest(long now)
    {
        var files = new DirectoryInfo(folder).GetFiles();
        Array.Sort(files, (a, b) => string.CompareOrdinal(b.Name, a.Name));
        long bytes = 0;
        var count = 0;
        foreach (var file in files)
        {
            var isTemporary = file.Name.EndsWith(".tmp", StringComparison.Ordinal);
            if (!isTemporary && !file.Name.EndsWith(Suffix, StringComparison.Ordinal))
            {
                continue;
            }

            bytes += file.Length;
            count++;

            // A temporary file of an hour ago is what a killed step left behind.
            if (bytes > MostBytes || count > MostFiles || (isTemporary && IsOlderThanAnHour(file.Name, now)))
            {
                file.Delete();
            }
        }
    }

    private static bool IsOlderThanAnHour(string name, long now) =>
        long.TryParse(name.AsSpan(0, Math.Min(16, name.Length)), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var at)
        && now - at > 3_600_000_000_000;
}
