namespace Flyball.Step.CommandLine;

/// <summary>What the command line says.</summary>
internal sealed record StepOptions
{
    /// <summary>Name of the task, or of the run with <see cref="IsRun"/>; null = not said.</summary>
    public string? Name { get; init; }

    /// <summary><c>build</c>, <c>test</c> or <c>deploy</c>; null = not said.</summary>
    public string? Type { get; init; }

    /// <summary>Name of the pipeline.</summary>
    public string? Pipeline { get; init; }

    /// <summary>Whether the command is the whole run rather than one task of it.</summary>
    public bool IsRun { get; init; }

    /// <summary>The run's id.</summary>
    public string? RunId { get; init; }

    /// <summary>The task's own id, where its name is not enough to tell it from its siblings.</summary>
    public string? TaskId { get; init; }

    /// <summary>Attempt of the task, or of the whole run with <see cref="IsRun"/>; from 1.</summary>
    public int? Attempt { get; init; }

    /// <summary>When the run began, in nanoseconds since the Unix epoch, if that was before this process; null = now.</summary>
    public long? StartedAt { get; init; }

    /// <summary>Address of the server.</summary>
    public string? Server { get; init; }

    /// <summary>Folder for spans that could not be sent.</summary>
    public string? Spool { get; init; }

    /// <summary>File with the trace context.</summary>
    public string? ContextFile { get; init; }

    /// <summary>Further attributes of the span.</summary>
    public IReadOnlyList<(string Key, string Value)> Attributes { get; init; } = [];

    /// <summary>Where the command leaves reports of its tests: paths, the last part of which may hold wildcards.</summary>
    public IReadOnlyList<string> TestReports { get; init; } = [];

    /// <summary>Leave the child's standard error alone and keep nothing of it.</summary>
    public bool NoTail { get; init; }

    /// <summary>Say on standard error what happened to the span.</summary>
    public bool Verbose { get; init; }

    /// <summary>How many of the arguments, counted from the end, are the command.</summary>
    public int CommandLength { get; init; }

    /// <summary>What to print instead of running anything; null = run.</summary>
    public string? Print { get; init; }
}

/// <summary>Reads the command line.</summary>
internal static class StepOptionsReader
{
    /// <summary>The usage text.</summary>
    public const string Usage = """
        usage: flyball-step [options] -- command [arguments…]
               flyball-step metric|event|attribute|artifact|span|context …     inside a step's script; flyball-step metric --help tells of them

        runs a command as one step of a pipeline run and tells Flyball about it; output, signals and the exit code pass through

          --name NAME         name of the step (else the CI job's, else the command's)
          --type TYPE         build, test or deploy
          --pipeline NAME     name of the pipeline
          --run               the command is the whole run: send its root span
          --run-id ID         id of the run (else the CI system's, else the surrounding run's, else a new one)
          --task-id ID        id of the step within its run (else its name)
          --attempt N         attempt of the step, with --run of the whole run
          --started-at TIME   when a run began that is gone on with: Unix seconds or RFC 3339
          --server URL        Flyball's address (else $FLYBALL_SERVER, $OTEL_EXPORTER_OTLP_ENDPOINT, http://127.0.0.1:4318)
          --spool DIR         where spans wait while the server is down (else $XDG_STATE_HOME/flyball/spool)
          --context FILE      read the trace context from a file and hand it on there
          --attr KEY=VALUE    further attribute of the span; may be repeated
          --junit PATTERN     JUnit files the command writes, e.g. 'out/**/*.xml'; may be repeated
          --no-tail           do not keep the last lines of standard error; the child inherits it as it is
          --verbose           say on standard error what was sent where
          --help, --version

        exit code: the command's; 128+n if signal n ended it; 127 not found, 126 not executable, 125 wrong usage

        """;

    /// <summary>Reads the arguments.</summary>
    /// <param name="error">What is wrong with them; null if nothing is.</param>
    public static StepOptions Read(string[] arguments, out string? error)
    {
        var options = new StepOptions();
        var attributes = new List<(string, string)>();
        error = null;
        var i = 0;
        while (i < arguments.Length && error is null)
        {
            var argument = arguments[i];
            if (argument is "--")
            {
                i++;
                break;
            }

            if (!argument.StartsWith('-') || argument.Length == 1)
            {
                break;   // the command, written without "--"
            }

            i++;
            if (ReadFlag(argument, ref options))
            {
                continue;
            }

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument : argument[..equals];
            if (equals < 0 && i == arguments.Length)
            {
                error = IsKnown(name) ? $"{name} needs a value" : Unknown(name);
                break;
            }

            var value = equals < 0 ? arguments[i++] : argument[(equals + 1)..];
            error = ReadValue(name, value, ref options, attributes);
        }

        if (error is null && options.Print is null && i == arguments.Length)
        {
            error = "no command given; write it after --, e.g. flyball-step --name build -- make build";
        }

        return options with { Attributes = attributes, CommandLength = arguments.Length - i };
    }

    private static bool ReadFlag(string argument, ref StepOptions options)
    {
        switch (argument)
        {
            case "--run":
                options = options with { IsRun = true };
                return true;
            case "--no-tail":
                options = options with { NoTail = true };
                return true;
            case "--verbose" or "-v":
                options = options with { Verbose = true };
                return true;
            case "--help" or "-h":
                options = options with { Print = Usage };
                return true;
            case "--version":
                options = options with { Print = $"flyball-step {StepVersion.Text}\n" };
                return true;
            default:
                return false;
        }
    }

    private static string? ReadValue(
        string name, string value, ref StepOptions options, List<(string Key, string Value)> attributes)
    {
        switch (name)
        {
            case "--name":
                options = options with { Name = value };
                return null;
            case "--type":
                options = options with { Type = value };
                return value is "build" or "test" or "deploy" ? null : $"--type {value}: it is one of build, test, deploy";
            case "--pipeline":
                options = options with { Pipeline = value };
                return null;
            case "--run-id":
                options = options with { RunId = value };
                return value.Length > 0 ? null : "--run-id needs a value that is not empty";
            case "--task-id":
                options = options with { TaskId = value };
                return null;
            case "--attempt":
                var isNumber = int.TryParse(value, System.Globalization.NumberStyles.None, null, out var attempt) && attempt > 0;
                options = options with { Attempt = attempt };
                return isNumber ? null : $"--attempt {value}: it is a whole number from 1";
            case "--started-at":
                options = options with { StartedAt = TimeText.Parse(value) };
                return options.StartedAt is null ? $"--started-at {value}: write Unix seconds (1789000000.25) or RFC 3339" : null;
            case "--server":
                options = options with { Server = value };
                return null;
            case "--spool":
                options = options with { Spool = value };
                return null;
            case "--context":
                options = options with { ContextFile = value };
                return null;
            case "--attr":
                var equals = value.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0)
                {
                    return $"--attr {value}: write it as key=value";
                }

                attributes.Add((value[..equals], value[(equals + 1)..]));
                return null;
            case "--junit":
                options = options with { TestReports = [.. options.TestReports, value] };
                return value.Length > 0 ? null : "--junit needs a path that is not empty";
            default:
                return Unknown(name);
        }
    }

    private static bool IsKnown(string name) => name is "--name" or "--type" or "--pipeline" or "--run-id" or "--task-id"
        or "--attempt" or "--started-at" or "--server" or "--spool" or "--context" or "--attr" or "--junit";

    private static string Unknown(string name) => $"unknown option {name}; flyball-step --help lists them, -- ends them";
}

/// <summary>This program's version.</summary>
internal static class StepVersion
{
    /// <summary>As it stands in the instrumentation scope. The assembly's attributes would cost reflection.</summary>
    public const string Text = "0.1.0";
}
