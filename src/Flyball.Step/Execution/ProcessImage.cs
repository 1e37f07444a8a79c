using System.Text;

namespace Flyball.Step.Execution;

/// <summary>What this process was started with, byte for byte: arguments and environment need not be UTF-8.</summary>
internal sealed class ProcessImage
{
    private readonly List<byte[]> _entries;
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    private ProcessImage(List<byte[]> entries)
    {
        _entries = entries;
        foreach (var entry in entries)
        {
            var equals = entry.AsSpan().IndexOf((byte)'=');
            if (equals > 0)
            {
                _variables.TryAdd(
                    Encoding.UTF8.GetString(entry, 0, equals), Encoding.UTF8.GetString(entry.AsSpan(equals + 1)));
            }
        }
    }

    /// <summary>The environment, decoded; undecodable bytes are replaced.</summary>
    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>The image of the running process.</summary>
    public static ProcessImage Load()
    {
        var entries = SplitAtZero(ReadWhole("/proc/self/environ"));
        return new ProcessImage(entries);
    }

    /// <summary>An image with these variables, for tests.</summary>
    public static ProcessImage Of(params (string Name, string Value)[] variables)
    {
        var entries = new List<byte[]>();
        foreach (var (name, value) in variables)
        {
            entries.Add(Encoding.UTF8.GetBytes(name + "=" + value));
        }

        return new ProcessImage(entries);
    }

    /// <summary>The last arguments this process was started with, undecoded.</summary>
    /// <param name="count">How many; the host's own arguments stand before them.</param>
    /// <param name="decoded">What the runtime made of them, used where the system does not tell the bytes.</param>
    public static byte[][] LastArguments(int count, string[] decoded)
    {
        var all = SplitAtZero(ReadWhole("/proc/self/cmdline"));
        var result = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            var at = all.Count - count + i;
            result[i] = at >= 0 ? all[at] : Encoding.UTF8.GetBytes(decoded[decoded.Length - count + i]);
        }

        return result;
    }

    /// <summary>The environment for a child: ours, with some variables replaced or added.</summary>
    public List<byte[]> WithVariables(IReadOnlyDictionary<string, string> replaced)
    {
        var result = new List<byte[]>(_entries.Count + replaced.Count);
        foreach (var entry in _entries)
        {
            var equals = entry.AsSpan().IndexOf((byte)'=');
            if (equals <= 0 || !replaced.ContainsKey(Encoding.UTF8.GetString(entry, 0, equals)))
            {
                result.Add(entry);
            }
        }

        foreach (var (name, value) in replaced)
        {
            result.Add(Encoding.UTF8.GetBytes(name + "=" + value));
        }

        return result;
    }

    // Files of /proc have no length to ask for; the usual whole-file helpers cost a file stream more.
    private static byte[] ReadWhole(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (IOException)
        {
            return [];   // no /proc: the callers fall back to what the runtime decoded
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static List<byte[]> SplitAtZero(ReadOnlySpan<byte> bytes)
    {
        var parts = new List<byte[]>();
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)0);
            parts.Add((end < 0 ? bytes : bytes[..end]).ToArray());
            bytes = end < 0 ? [] : bytes[(end + 1)..];
        }

        return parts;
    }
}
