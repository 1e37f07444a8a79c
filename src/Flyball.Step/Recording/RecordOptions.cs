namespace Flyball.Step.Recording;

/// <summary>What a recording command was told.</summary>
internal sealed record RecordOptions
{
    /// <summary>Words that are no options: a name and a value, files, pairs.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Labels of a metric, attributes of a span.</summary>
    public IReadOnlyList<(string Key, string Value)> Pairs { get; init; } = [];

    /// <summary><c>gauge</c>, <c>counter</c> or <c>histogram</c>.</summary>
    public string Type { get; init; } = "gauge";

    /// <summary>Unit by UCUM: s, By, %, {test}.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What the metric means.</summary>
    public string Description { get; init; } = "";

    /// <summary>The name an artefact keeps from run to run; null = its file's.</summary>
    public string? As { get; init; }

    /// <summary>Send at once instead of with the surrounding step's span.</summary>
    public bool Now { get; init; }

    /// <summary>How a context is written: <c>shell</c>, <c>dotenv</c> or <c>bare</c>.</summary>
    public string Format { get; init; } = "shell";

    /// <summary>File to write to instead of standard output.</summary>
    public string? To { get; init; }

    /// <summary>File with the trace context.</summary>
    public string? ContextFile { get; init; }

    /// <summary>Address of the server.</summary>
    public string? Server { get; init; }

    /// <summary>Folder for what could not be sent.</summary>
    public string? Spool { get; init; }

    /// <summary>Name of the pipeline.</summary>
    public string? Pipeline { get; init; }

    /// <summary>Say on standard error what happened.</summary>
    public bool Verbose { get; init; }
}

/// <summary>Reads the arguments of a recording command; options may stand anywhere, <c>--</c> ends them.</summary>
internal static class RecordOptionsReader
{
    /// <summary>Reads the arguments after the command's own name.</summary>
    /// <param name="error">What is wrong with them and what would be right; null if nothing is.</param>
    public static RecordOptions Read(string verb, ReadOnlySpan<string> arguments, out string? error)
    {
        var options = new RecordOptions();
        var words = new List<string>();
        var pairs = new List<(string, string)>();
        error = null;
        for (var i = 0; i < arguments.Length && error is null; i++)
        {
            var argument = arguments[i];
            if (argument is "--")
            {
                words.AddRange(arguments[(i + 1)..]);
                break;
            }

            if (!IsOption(argument))
            {
                words.Add(argument);
            }
            else if (argument is "--now")
            {
                options = options with { Now = true };
            }
            else if (argument is "--verbose" or "-v")
            {
                options = options with { Verbose = true };
            }
            else
            {
                var equals = argument.IndexOf('=', StringComparison.Ordinal);
                var name = equals < 0 ? argument : argument[..equals];
                if (!IsKnown(name))
                {
                    error = $"unknown option {name} of {verb}; flyball-step --help lists them, -- ends them";
                }
                else if (equals < 0 && ++i == arguments.Length)
                {
                    error = $"{name} needs a value";
                }
                else
                {
                    error = ReadValue(name, equals < 0 ? arguments[i] : argument[(equals + 1)..], ref options, pairs);
                }
            }
        }

        return options with { Words = words, Pairs = pairs };
    }

    /// <summary>Splits key=value.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public static string? ReadPair(string text, string what, List<(string, string)> pairs)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            return $"{what} \"{text}\": write it as key=value";
        }

        pairs.Add((text[..equals], text[(equals + 1)..]));
        return null;
    }

    // "-3.5" is a value.
    private static bool IsOption(string argument) => argument.Length > 1 && argument[0] == '-' && !char.IsAsciiDigit(argument[1]) && argument[1] != '.';

    private static string? ReadValue(string name, string value, ref RecordOptions options, List<(string, string)> pairs)
    {
        switch (name)
        {
            case "--label" or "--attr":
                return ReadPair(value, name, pairs);
            case "--type":
                options = options with { Type = value };
                return value is "gauge" or "counter" or "histogram" ? null : $"--type {value}: it is one of gauge, counter, histogram";
            case "--format":
                options = options with { Format = value };
                return value is "shell" or "dotenv" or "bare" ? null : $"--format {value}: it is one of shell, dotenv, bare";
            default:
                options = name switch
                {
                    "--unit" => options with { Unit = value },
                    "--description" => options with { Description = value },
                    "--as" => options with { As = value },
                    "--to" => options with { To = value },
                    "--context" => options with { ContextFile = value },
                    "--server" => options with { Server = value },
                    "--spool" => options with { Spool = value },
                    _ => options with { Pipeline = value },
                };
                return value.Length > 0 ? null : $"{name} needs a value that is not empty";
        }
    }

    private static bool IsKnown(string name) => name is "--label" or "--attr" or "--type" or "--unit" or "--description" or "--as" or "--format"
        or "--to" or "--context" or "--server" or "--spool" or "--pipeline";
}
