using System.Globalization;
using Flyball.Step.CommandLine;
using Flyball.Step.Contexts;
using Flyball.Step.Execution;
using Flyball.Step.Sending;
using Flyball.Step.Tail;

namespace Flyball.Step.Recording;

/// <summary>The commands a script inside a step uses: what it measured, what happened, what it made.</summary>
/// <remarks>
/// Inside a wrapped step they leave a note for its wrapper, which costs no network; elsewhere they send by themselves. A server's fate is
/// never theirs: only wrong arguments and unreadable files end in a code other than 0.
/// </remarks>
internal sealed class Recorder
{
    private const int WrongUsage = 125;
    private const int Unreadable = 1;

    private readonly RecordOptions _options;
    private readonly Surroundings _around;
    private readonly NotesFile? _notes;
    private readonly SecretMask _mask;
    private readonly TimeProvider _time;
    private string? _error;

    private Recorder(RecordOptions options, IReadOnlyDictionary<string, string> variables, TimeProvider time)
    {
        _options = options;
        _around = new Surroundings(ForStep(options), variables);
        var notes = _around.Variables[NotesFile.Variable];
        _notes = notes.Length > 0 && !options.Now ? new NotesFile(notes) : null;
        _mask = new SecretMask(variables);
        _time = time;
    }

    private string Pipeline => _options.Pipeline ?? StepIdentity.PipelineOf(_around.Variables, _around.Run);

    /// <summary>Whether the arguments are one of these commands. A program of such a name is wrapped by <c>flyball-step -- metric</c>.</summary>
    public static bool IsVerb(string[] arguments) =>
        arguments.Length > 0 && arguments[0] is "metric" or "event" or "artifact" or "attribute" or "span" or "context";

    /// <summary>Runs one.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments)
    {
        var isMark = arguments[0] is "span" && arguments.Length > 1 && arguments[1] is "begin" or "end";
        if (arguments[0] is "span" && !isMark)
        {
            return Wrapper.Run(arguments[1..]);
        }

        if (arguments.AsSpan(1).IndexOfAny("--help", "-h") >= 0)
        {
            StandardError.Write(RecordUsage.Text, toOutput: true);
            return 0;
        }

        var verb = isMark ? "span " + arguments[1] : arguments[0];
        var options = RecordOptionsReader.Read(verb, arguments.AsSpan(isMark ? 2 : 1), out var error);
        var variables = ProcessImage.Load().Variables;
        var code = 0;
        if (error is null)
        {
            var recorder = new Recorder(options, variables, TimeProvider.System);
            code = recorder.Do(verb, variables);
            error = recorder._error;
        }

        if (error is not null)
        {
            StandardError.Say(error);
            return code == 0 ? WrongUsage : code;
        }

        return code;
    }

    /// <summary>The options they share with the wrapper.</summary>
    public static StepOptions ForStep(RecordOptions options) => new()
    {
        ContextFile = options.ContextFile,
        Server = options.Server,
        Spool = options.Spool,
        Pipeline = options.Pipeline,
        Verbose = options.Verbose,
    };

    private int Do(string verb, IReadOnlyDictionary<string, string> variables)
    {
        switch (verb)
        {
            case "metric":
                Metric();
                return 0;
            case "event":
                Event();
                return 0;
            case "attribute":
                Attribute();
                return 0;
            case "artifact":
                return Artifact();
            case "context":
                _error = ContextText.Write(_options, _around);
                return 0;
            default:
                var marks = new SpanMarks(_options, variables, _mask, _time);
                _error = verb is "span begin" ? marks.Begin() : marks.End();
                return 0;
        }
    }

    private void Metric()
    {
        if (_options.Words is not [var name, var text])
        {
            _error = "metric takes a name and a value, e.g. flyball-step metric coverage 81.4 --unit % --label suite=unit";
            return;
        }

        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value);
        _error = MetricPoint.Check(name)
            ?? (isNumber ? null : $"value \"{text}\" of metric {name}: it is a number such as 12 or 81.4")
            ?? (value < 0 && _options.Type is "counter" ? $"value {text} of counter {name}: a counter only grows; --type gauge may fall" : null)
            ?? CheckLabels();
        if (_error is null)
        {
            Take(name, value, _options.Type, _options.Unit, _options.Description, _options.Pairs);
        }
    }

    private void Event()
    {
        var attributes = new List<(string, string)>();
        if (_options.Words.Count == 0 || _options.Words[0].Contains('=', StringComparison.Ordinal))
        {
            _error = "event takes a name, and what is to be said about it, e.g. flyball-step event deployed version=1.4.2";
            return;
        }

        for (var i = 1; i < _options.Words.Count && _error is null; i++)
        {
            _error = RecordOptionsReader.ReadPair(_options.Words[i], "event", attributes);
        }

        if (_error is null)
        {
            Note(_options.Words[0], Masked([.. attributes, .. _options.Pairs]), null);
        }
    }

    private void Attribute()
    {
        var attributes = new List<(string Key, string Value)>();
        _error = _options.Words.Count == 0 ? "attribute takes key=value, e.g. flyball-step attribute service.version=1.4.2" : null;
        for (var i = 0; i < _options.Words.Count && _error is null; i++)
        {
            _error = RecordOptionsReader.ReadPair(_options.Words[i], "attribute", attributes);
        }

        foreach (var (key, _) in attributes)
        {
            _error ??= IsOurs(key) ? $"attribute \"{key}\": flyball-step writes it itself; choose a name outside cicd., flyball., process. and vcs." : null;
        }

        if (_error is not null)
        {
            return;
        }

        var masked = Masked(attributes);
        if (_notes is null || !masked.TrueForAll(a => _notes.TryAppend("attribute", a.Key, new JsonText().Attribute(a.Key, a.Value).ToString())))
        {
            SendMark("attributes", masked, null);
        }
    }

    private int Artifact()
    {
        if (_options.Words.Count == 0 || (_options.As is not null && _options.Words.Count > 1))
        {
            _error = _options.Words.Count == 0
                ? "artifact takes files, e.g. flyball-step artifact dist/shop.tar.gz"
                : $"--as names one artifact, and {_options.Words.Count} files are given; use a command for each";
            return 0;
        }

        var code = 0;
        foreach (var path in _options.Words)
        {
            if (ArtifactFile.Read(path, out var problem) is not { } file)
            {
                StandardError.Say(problem!);
                code = Unreadable;
                continue;
            }

            Note("artifact", Masked([.. file.Attributes, .. _options.Pairs]), file.Bytes);
            Take("flyball.artifact.size", file.Bytes, "gauge", "By", "Size of a file a pipeline made.", [("artifact.filename", _options.As ?? file.Name)]);
        }

        return code;
    }

    // An event of the surrounding span, else a span of no length.
    private void Note(string name, List<(string Key, string Value)> attributes, long? size)
    {
        if (_notes?.TryAppend("event", "", Otlp.Event(name, Now(), attributes, size)) != true)
        {
            SendMark(name, attributes, size);
        }
    }

    private void Take(
        string name, double value, string type, string unit, string description, IReadOnlyList<(string Key, string Value)> own)
    {
        var labels = new List<(string, string)>();
        var isOwn = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, text) in Masked(own))
        {
            labels.Add((key, text));
            isOwn.Add(key);
        }

        foreach (var (key, text) in ((string, string)[])[("cicd.pipeline.name", Pipeline), ("cicd.pipeline.task.name", _around.TaskName)])
        {
            if (text.Length > 0 && !isOwn.Contains(key))
            {
                labels.Add((key, text));
            }
        }

        var json = new MetricPoint(name, value, type, unit, description, Now(), labels, _around.Around).ToJson();
        if (_notes?.TryAppend("metric", "", json) == true)
        {
            _notes.TryAppend("attribute", "flyball.metric." + name, new JsonText().Attribute("flyball.metric." + name, value).ToString());
            return;
        }

        _around.NewDelivery()?.SendMetrics(Otlp.Metrics(Pipeline, [json]), Now());
    }

    private void SendMark(string name, IReadOnlyList<(string Key, string Value)> attributes, long? size)
    {
        if (_around.Around is not { } around)
        {
            StandardError.Say($"{name} is not sent: there is no run to attach it to; wrap the script in flyball-step, or set TRACEPARENT");
            return;
        }

        var mark = Otlp.Mark(around, Pipeline, _around.Run, name, Now(), attributes, size);
        _around.NewDelivery()?.Send(Otlp.Spans(Pipeline, [mark]), Now());
    }

    private string? CheckLabels()
    {
        foreach (var (key, _) in _options.Pairs)
        {
            if (key is "le" or "quantile" or "job" or "instance" or "__name__")
            {
                return $"label \"{key}\" of metric {_options.Words[0]}: Flyball sets it; choose another name";
            }
        }

        return null;
    }

    private List<(string Key, string Value)> Masked(IReadOnlyList<(string Key, string Value)> pairs)
    {
        var masked = new List<(string, string)>(pairs.Count);
        foreach (var (key, value) in pairs)
        {
            masked.Add((key, _mask.Apply(value)));
        }

        return masked;
    }

    private static bool IsOurs(string key) =>
        key.StartsWith("cicd.", StringComparison.Ordinal) || key.StartsWith("flyball.", StringComparison.Ordinal)
        || key.StartsWith("process.", StringComparison.Ordinal) || key.StartsWith("vcs.", StringComparison.Ordinal) || key is "error.type";

    private long Now() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
