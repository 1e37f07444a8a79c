using System.Text.RegularExpressions;
using Flyball.Model.Text;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Testing;

/// <summary>Reads the <c>promqltest</c> language. Prometheus documentation, "Querying".</summary>
internal sealed partial class ScriptParser
{
    private readonly string[] _lines;
    private int _at;

    private ScriptParser(string text) =>
        _lines = [.. text.Split('\n').Select(l => l.Trim()).Select(l => l.StartsWith('#') ? "" : l)];

    /// <summary>Reads a whole script.</summary>
    /// <exception cref="ScriptException">The script is malformed.</exception>
    public static List<ScriptCommand> Parse(string text)
    {
        var parser = new ScriptParser(text);
        var commands = new List<ScriptCommand>();
        while (parser.Next() is { } command)
        {
            commands.Add(command);
        }

        return commands;
    }

    [GeneratedRegex(@"^(?<word>load|load_with_nhcb)\s+(?<step>\S+)$", RegexOptions.IgnoreCase)]
    private static partial Regex LoadPattern();

    [GeneratedRegex(@"^eval(?:_(?<suffix>fail|warn|ordered|info))?\s+instant\s+(?:at\s+(?<at>\S+))?\s+(?<query>.+)$", RegexOptions.IgnoreCase)]
    private static partial Regex InstantPattern();

    [GeneratedRegex(@"^eval(?:_(?<suffix>fail|warn|info))?\s+range\s+from\s+(?<from>\S+)\s+to\s+(?<to>\S+)\s+step\s+(?<step>\S+)\s+(?<query>.+)$", RegexOptions.IgnoreCase)]
    private static partial Regex RangePattern();

    [GeneratedRegex(@"^expect\s+(?<kind>ordered|fail|warn|no_warn|info|no_info)(?:\s+(?<how>regex|msg):(?<text>.*))?$", RegexOptions.IgnoreCase)]
    private static partial Regex ExpectPattern();

    [GeneratedRegex(@"^expect\s+range\s+vector\s+from\s+(?<from>\S+)\s+to\s+(?<to>\S+)\s+step\s+(?<step>\S+)$", RegexOptions.IgnoreCase)]
    private static partial Regex ExpectRangePattern();

    [GeneratedRegex(@"^expect\s+string\s+(?<text>.+)$", RegexOptions.IgnoreCase)]
    private static partial Regex ExpectStringPattern();

    private ScriptCommand? Next()
    {
        while (_at < _lines.Length && _lines[_at].Length == 0)
        {
            _at++;
        }

        if (_at == _lines.Length)
        {
            return null;
        }

        var line = _lines[_at];
        var word = line.Split([' ', '\t'], 2)[0].ToLowerInvariant();
        if (word == "clear")
        {
            return new ClearCommand(++_at);
        }

        if (word.StartsWith("load", StringComparison.Ordinal))
        {
            return Load();
        }

        return word.StartsWith("eval", StringComparison.Ordinal) ? Eval() : throw Fail($"invalid command {GoQuoting.Quote(word)}");
    }

    private ScriptException Fail(string message) => new($"line {_at + 1}: {message}");

    private long Duration(string text)
    {
        var negative = text.StartsWith('-');
        if (DurationText.TryParse(negative ? text[1..] : text, out var ms) is not { } problem)
        {
            return negative ? -ms : ms;
        }

        // A number without unit means seconds.
        return NumberText.TryParse(text, out var seconds) is null ? (long)Math.Round(seconds * 1000) : throw Fail(problem);
    }

    private IEnumerable<string> Block()
    {
        for (_at++; _at < _lines.Length && _lines[_at].Length > 0; _at++)
        {
            yield return _lines[_at];
        }
    }

    private LoadCommand Load()
    {
        var number = _at + 1;
        var match = LoadPattern().Match(_lines[_at]);
        if (!match.Success)
        {
            throw Fail("invalid load command, expected 'load <step>'");
        }

        var step = Duration(match.Groups["step"].Value);
        var series = new List<LoadedSeries>();
        List<long?>? starts = null;
        foreach (var line in Block())
        {
            var marker = FindStartMarker(line);
            if (marker >= 0)
            {
                starts = ReadStarts(line[(marker + 3)..]);
                continue;
            }

            var description = Describe(line);
            if (starts is not null && starts.Count != description.Items.Count)
            {
                throw Fail($"{starts.Count} start timestamps for {description.Items.Count} values");
            }

            series.Add(new LoadedSeries(description, starts));
            starts = null;
        }

        return new LoadCommand(number, step, series, match.Groups["word"].Value.EndsWith("nhcb", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Where <c>@st</c> stands directly behind a metric, -1 if it does not.</summary>
    private static int FindStartMarker(string line)
    {
        var reader = new ScriptReader(line);
        try
        {
            MetricText.Read(reader);
        }
        catch (ScriptException)
        {
            return -1;
        }

        return line.AsSpan(reader.At).StartsWith("@st") ? reader.At : -1;
    }

    private List<long?> ReadStarts(string text)
    {
        var starts = new List<long?>();
        foreach (var item in text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var match = StartPattern().Match(item);
            if (!match.Success)
            {
                throw Fail("invalid start timestamp " + GoQuoting.Quote(item));
            }

            var repeats = match.Groups["n"].Success ? int.Parse(match.Groups["n"].Value) : 0;
            if (match.Groups["gap"].Success)
            {
                starts.AddRange(Enumerable.Repeat<long?>(null, match.Groups["n"].Success ? repeats : 1));
                continue;
            }

            var value = Signed(match.Groups["v"].Value);
            var increment = match.Groups["i"].Success ? Signed(match.Groups["i"].Value) : 0;
            for (var i = 0; i <= repeats; i++, value += increment)
            {
                starts.Add(value);
            }
        }

        return starts;
    }

    [GeneratedRegex(@"^(?:(?<gap>_)|(?<v>[+-]?[0-9][0-9a-z]*?)(?<i>[+-][0-9][0-9a-z]*?)?)(?:x(?<n>[0-9]+))?$")]
    private static partial Regex StartPattern();

    private long Signed(string text) => Duration(text.TrimStart('+'));

    private SeriesDescription Describe(string line)
    {
        try
        {
            return SeriesDescription.Parse(line);
        }
        catch (ScriptException e)
        {
            throw Fail(e.Message);
        }
    }

    private EvalCommand Eval()
    {
        var instant = InstantPattern().Match(_lines[_at]);
        var range = RangePattern().Match(_lines[_at]);
        EvalCommand command;
        if (range.Success)
        {
            command = new EvalCommand(
                _at + 1, true, Duration(range.Groups["from"].Value), Duration(range.Groups["to"].Value), Duration(range.Groups["step"].Value), range.Groups["query"].Value);
            if (command.EndMs < command.StartMs || command.StepMs <= 0)
            {
                throw Fail("invalid range: the end is before the start, or the step is not above zero");
            }
        }
        else if (instant.Success)
        {
            var at = instant.Groups["at"].Success ? Duration(instant.Groups["at"].Value) : 0;
            command = new EvalCommand(_at + 1, false, at, at, 0, instant.Groups["query"].Value);
        }
        else
        {
            throw Fail("invalid evaluation command");
        }

        ApplySuffix(command, (range.Success ? range : instant).Groups["suffix"].Value.ToLowerInvariant());
        foreach (var line in Block())
        {
            ReadExpectation(command, line);
        }

        return command;
    }

    private static void ApplySuffix(EvalCommand command, string suffix)
    {
        var any = new TextExpectation(null, null);
        switch (suffix)
        {
            case "fail":
                command.ExpectFailure = true;
                break;
            case "ordered":
                command.Ordered = true;
                break;
            case "warn":
                command.Warnings = [any];
                break;
            case "info":
                command.Infos = [any];
                break;
            default:
                break;
        }
    }

    private void ReadExpectation(EvalCommand command, string line)
    {
        if (line.StartsWith("expected_fail_message", StringComparison.Ordinal))
        {
            command.Failures.Add(new TextExpectation(line["expected_fail_message".Length..].Trim(), null));
        }
        else if (line.StartsWith("expected_fail_regexp", StringComparison.Ordinal))
        {
            command.Failures.Add(new TextExpectation(null, Pattern(line["expected_fail_regexp".Length..].Trim())));
        }
        else if (line.StartsWith("expect ", StringComparison.OrdinalIgnoreCase) || line.StartsWith("expect\t", StringComparison.OrdinalIgnoreCase))
        {
            ReadExpect(command, line);
        }
        else if (!command.IsRange && command.Expected.Count == 0 && NumberText.TryParse(line, out var scalar) is null)
        {
            command.ExpectedScalar = scalar;
        }
        else
        {
            command.Expected.Add(Describe(line));
        }
    }

    private void ReadExpect(EvalCommand command, string line)
    {
        if (ExpectRangePattern().Match(line) is { Success: true } range)
        {
            command.RangeVector = (Duration(range.Groups["from"].Value), Duration(range.Groups["to"].Value), Duration(range.Groups["step"].Value));
            return;
        }

        if (ExpectStringPattern().Match(line) is { Success: true } text)
        {
            command.ExpectedString = StringEscapes.Unquote(text.Groups["text"].Value);
            return;
        }

        if (ExpectPattern().Match(line) is not { Success: true } match)
        {
            throw Fail($"invalid expect statement {GoQuoting.Quote(line)}");
        }

        var expected = match.Groups["how"].Value.ToLowerInvariant() switch
        {
            "msg" => new TextExpectation(match.Groups["text"].Value.Trim(), null),
            "regex" => new TextExpectation(null, Pattern(match.Groups["text"].Value.Trim())),
            _ => new TextExpectation(null, null),
        };
        AddExpectation(command, match.Groups["kind"].Value.ToLowerInvariant(), expected);
    }

    private void AddExpectation(EvalCommand command, string kind, TextExpectation expected)
    {
        switch (kind)
        {
            case "ordered":
                command.Ordered = command.IsRange ? throw Fail("expect ordered is only for instant queries") : true;
                break;
            case "fail":
                command.ExpectFailure = true;
                command.Failures.Add(expected);
                break;
            case "warn" when command.Warnings is not { Count: 0 }:
                (command.Warnings ??= []).Add(expected);
                break;
            case "info" when command.Infos is not { Count: 0 }:
                (command.Infos ??= []).Add(expected);
                break;
            case "no_warn" when command.Warnings is null or { Count: 0 }:
                command.Warnings = [];
                break;
            case "no_info" when command.Infos is null or { Count: 0 }:
                command.Infos = [];
                break;
            default:
                throw Fail($"'expect {kind}' contradicts another expectation");
        }
    }

    private Regex Pattern(string pattern)
    {
        try
        {
            return GoRegex.CompileSearch(pattern).ToRegex();
        }
        catch (RegexSyntaxException e)
        {
            throw Fail(e.Message);
        }
    }
}
