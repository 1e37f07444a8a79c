using Spectre.Console;

namespace Flyball.Cli.Demo;

/// <summary>How one fault went, in seconds since it happened.</summary>
internal sealed record HealingTimes(string Story, double Alert, double Action, double Healed);

/// <summary>Tells what happens, a line at a time; with colour and a spinner only where a person looks.</summary>
internal sealed class DemoTimeline
{
    // What stands before the text of a line: time, sign and a word.
    private const int Indent = 22;

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _time;
    private readonly long _start;
    private StatusContext? _status;

    /// <summary>Begins the time line.</summary>
    public DemoTimeline(IAnsiConsole console, TimeProvider time)
    {
        _console = console;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>The console for standard output: without escape codes, and without a width to break lines at, where nobody looks.</summary>
    public static IAnsiConsole OpenConsole()
    {
        if (!System.Console.IsOutputRedirected)
        {
            return AnsiConsole.Console;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 240;
        return console;
    }

    /// <summary>Runs a story, with a spinner below its lines where there is a terminal.</summary>
    public async Task TellAsync(Func<Task> story)
    {
        if (!_console.Profile.Capabilities.Ansi)
        {
            await story();
            return;
        }

        await _console.Status().Spinner(Spinner.Known.Dots).StartAsync("starting", async status =>
        {
            _status = status;
            await story();
        });
        _status = null;
    }

    /// <summary>A heading.</summary>
    public void Chapter(string title)
    {
        _console.WriteLine();
        _console.MarkupLine($"[bold]{Markup.Escape(title)}[/]");
    }

    /// <summary>What is being waited for.</summary>
    public void Waiting(string what) => _status?.Status(Markup.Escape("waiting until " + what));

    /// <summary>Something went as it should.</summary>
    public void Good(string what, string text) => Line("green", "✓", what, text);

    /// <summary>Something failed.</summary>
    public void Bad(string what, string text) => Line("red", "✗", what, text);

    /// <summary>An alert fires.</summary>
    public void Alert(string what, string text) => Line("yellow", "!", what, text);

    /// <summary>An action is called.</summary>
    public void Action(string what, string text) => Line("blue", "→", what, text);

    /// <summary>A fact.</summary>
    public void Fact(string what, string text) => Line("default", "·", what, text);

    /// <summary>A sentence on its own.</summary>
    public void Note(string text) => _console.MarkupLine("  " + Markup.Escape(text));

    /// <summary>The measured times of all stories.</summary>
    public void Summary(IReadOnlyList<HealingTimes> times)
    {
        _console.WriteLine();
        var table = new Table().Border(TableBorder.Simple)
            .AddColumn("measured from the fault")
            .AddColumn(new TableColumn("alert").RightAligned())
            .AddColumn(new TableColumn("action called").RightAligned())
            .AddColumn(new TableColumn("healed").RightAligned());
        foreach (var row in times)
        {
            table.AddRow(Markup.Escape(row.Story), Duration(row.Alert), Duration(row.Action), $"[green]{Duration(row.Healed)}[/]");
        }

        _console.Write(table);
    }

    /// <summary>A part of the story did not happen.</summary>
    public void Missed(StageMissedException missed, IReadOnlyList<string> notReached)
    {
        Bad("missing", missed.Stage);
        Note(missed.Hint);
        foreach (var stage in notReached)
        {
            Note($"not reached: {stage}");
        }
    }

    /// <summary>Seconds for people.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 0.9995 => $"{seconds * 1000:0} ms",
        < 60 => $"{seconds:0.00} s",
        _ => $"{seconds / 60:0.0} min",
    };

    private void Line(string colour, string sign, string what, string text)
    {
        var lines = Wrap(text, _console.Profile.Width - Indent);
        _console.MarkupLine(
            $"[grey]{_time.GetElapsedTime(_start).TotalSeconds,6:0.0} s[/]  [{colour}]{sign} {Markup.Escape(what),-9}[/] {Markup.Escape(lines[0])}");
        foreach (var line in lines.Skip(1))
        {
            _console.MarkupLine(new string(' ', Indent) + Markup.Escape(line));
        }
    }

    // By hand, line by line: a line that the terminal wraps leaves remains of the spinner behind it.
    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string> { "" };
        foreach (var word in text.Split(' '))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + 1 + word.Length > width)
            {
                lines.Add(word);
            }
            else
            {
                lines[^1] += lines[^1].Length > 0 ? " " + word : word;
            }
        }

        return lines;
    }
}
