using System.Globalization;
using System.Text;
using Flyball.Step.Execution;

namespace Flyball.Step.Recording;

/// <summary>What a script inside a step has noted down for the step's span.</summary>
internal sealed class Notes
{
    /// <summary>Most events of a span, and most attributes: OpenTelemetry SDKs' own limits.</summary>
    private const int MostOfAKind = 128;

    private const int MostMetrics = 1000;

    private readonly Dictionary<string, string> _attributes = new(StringComparer.Ordinal);
    private readonly List<string> _events = [];
    private readonly List<string> _spans = [];
    private readonly List<string> _metrics = [];

    /// <summary>Attributes as OTLP/JSON by their keys; of one key the last.</summary>
    public IReadOnlyDictionary<string, string> Attributes => _attributes;

    /// <summary>Events as OTLP/JSON.</summary>
    public IReadOnlyList<string> Events => _events;

    /// <summary>Spans below the step's own, as OTLP/JSON.</summary>
    public IReadOnlyList<string> Spans => _spans;

    /// <summary>Metrics as OTLP/JSON.</summary>
    public IReadOnlyList<string> Metrics => _metrics;

    /// <summary>Notes there was no room for, or that broke off.</summary>
    public int Dropped { get; private set; }

    /// <summary>Takes a line of the file.</summary>
    public void Add(ReadOnlySpan<char> line)
    {
        // kind SPACE key SPACE length SPACE json
        Span<Range> parts = stackalloc Range[4];
        if (line.Split(parts, ' ') != 4 || !int.TryParse(line[parts[2]], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || line[parts[3]].Length != length)
        {
            Dropped++;
            return;
        }

        var json = line[parts[3]].ToString();
        switch (line[parts[0]])
        {
            case "attribute" when _attributes.Count < MostOfAKind:
                _attributes[Uri.UnescapeDataString(line[parts[1]].ToString())] = json;
                break;
            case "event" when _events.Count < MostOfAKind:
                _events.Add(json);
                break;
            case "span" when _spans.Count < MostMetrics:
                _spans.Add(json);
                break;
            case "metric" when _metrics.Count < MostMetrics:
                _metrics.Add(json);
                break;
            default:
                Dropped++;
                break;
        }
    }
}

/// <summary>The file in which a step's script leaves notes for it: a line each, appended by as many processes as like.</summary>
/// <remarks>
/// <code>event - 73 {"timeUnixNano":"…","name":"…","attributes":[…]}</code>
/// A note is one write to a file opened for appending, so notes do not mix; what a full disk cut short tells by its length.
/// </remarks>
internal sealed class NotesFile(string path)
{
    /// <summary>The variable by which commands inside a step find its file.</summary>
    public const string Variable = "FLYBALL_NOTES";

    private const int MostBytes = 4 << 20;
    private const int AppendCreate = 0x400 | 0x40 | 1;   // O_APPEND | O_CREAT | O_WRONLY
    private const uint OwnerOnly = 0x180;                // 0600

    /// <summary>Where a step's notes go; nothing is there until somebody writes.</summary>
    /// <param name="random">Makes the name impossible to guess for others who may write to the folder.</param>
    public static string NewPath(Detection.Variables variables, Func<ulong> random)
    {
        var folder = variables["TMPDIR"] is { Length: > 0 } own && Path.IsPathRooted(own) ? own : "/tmp";
        return Path.Combine(folder, $"flyball-step-{random():x16}{random():x16}.notes");
    }

    /// <summary>Adds a note.</summary>
    /// <param name="key">What it replaces earlier notes by; "" for none.</param>
    /// <param name="json">One line.</param>
    /// <returns>Whether it is kept.</returns>
    public unsafe bool TryAppend(string kind, string key, string json)
    {
        var line = Encoding.UTF8.GetBytes($"{kind} {(key.Length == 0 ? "-" : Uri.EscapeDataString(key))} {json.Length} {json}\n");
        int handle;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        {
            handle = Native.Open(name, AppendCreate | Native.CloseOnExec, OwnerOnly);
        }

        if (handle < 0)
        {
            return false;
        }

        fixed (byte* start = line)
        {
            var written = Native.Write(handle, start, (nuint)line.Length);
            _ = Native.Close(handle);
            return written == line.Length;
        }
    }

    /// <summary>Reads the notes and takes the file away; null if there are none.</summary>
    public Notes? Take()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var notes = new Notes();
        try
        {
            if (new FileInfo(path).Length <= MostBytes)
            {
                foreach (var line in File.ReadLines(path))
                {
                    notes.Add(line);
                }
            }

            File.Delete(path);
        }
        catch (IOException)
        {
            // What has been read is sent; the rest is lost with the file.
        }
        catch (UnauthorizedAccessException)
        {
            // Written by another user: not ours to read.
        }

        return notes;
    }
}
