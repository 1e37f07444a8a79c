using System.Globalization;
using System.Text.RegularExpressions;
using Flyball.Bench.Peers.Workload;

namespace Flyball.Bench.Peers;

/// <summary>The command line.</summary>
internal sealed record BenchOptions
{
    public string Mode { get; init; } = "write";

    public WorkloadOptions Workload { get; init; } = new();

    /// <summary>Names of those that take part; empty = all three.</summary>
    public string[] Only { get; init; } = [];

    /// <summary>A built Flyball, program or assembly; "" = the one beside this harness.</summary>
    public string Flyball { get; init; } = "";

    /// <summary>Where get-peers.sh has put the others.</summary>
    public string Peers { get; init; } = Path.Combine(Path.GetTempPath(), "peers");

    /// <summary>Where generated requests and filled stores are kept between runs.</summary>
    public string Cache { get; init; } = Path.Combine(Path.GetTempPath(), "flyball-bench");

    public Regex Queries { get; init; } = new("", RegexOptions.NonBacktracking);

    /// <summary>Most measured runs of a query.</summary>
    public int Runs { get; init; } = 7;

    /// <summary>A small workload that shows that everything works.</summary>
    public bool Quick { get; init; }

    /// <summary>Whether Flyball makes metrics from the spans it gets, as it does unless told otherwise.</summary>
    public bool SpanMetrics { get; init; } = true;

    /// <summary>Whether spans tell of runs in the CI/CD conventions, so that the run tracker follows them.</summary>
    public bool SpansOfRuns { get; init; } = true;

    /// <summary>Fill the stores again even if they are there.</summary>
    public bool Refill { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">One is unknown or has no value.</exception>
    public static BenchOptions Parse(string[] args)
    {
        var options = new BenchOptions { Mode = args.Length > 0 ? args[0] : "write" };
        for (var i = 1; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--quick" => options with { Quick = true },
                "--no-span-metrics" => options with { SpanMetrics = false },
                "--no-runs" => options with { SpansOfRuns = false },
                "--refill" => options with { Refill = true },
                _ when i + 1 < args.Length => options.With(args[i], args[++i]),
                _ => throw new ArgumentException($"{args[i]} needs a value"),
            };
        }

        return options.Quick ? options with { Workload = options.Workload with { Series = Math.Min(options.Workload.Series, 5000) } } : options;
    }

    private BenchOptions With(string key, string value) => key switch
    {
        "--series" => this with { Workload = Workload with { Series = Number(value) } },
        "--hours" => this with { Workload = Workload with { History = TimeSpan.FromHours(double.Parse(value, CultureInfo.InvariantCulture)) } },
        "--interval" => this with { Workload = Workload with { Interval = TimeSpan.FromSeconds(Number(value)) } },
        "--request" => this with { Workload = Workload with { RequestSize = Number(value) } },
        "--senders" => this with { Workload = Workload with { Senders = Number(value) } },
        "--profile" => this with { Workload = Workload with { Profile = Enum.Parse<Profile>(value, ignoreCase: true) } },
        "--seed" => this with { Workload = Workload with { Seed = Number(value) } },
        "--only" => this with { Only = value.Split(',') },
        "--flyball" => this with { Flyball = value },
        "--peers" => this with { Peers = value },
        "--cache" => this with { Cache = value },
        "--queries" => this with { Queries = new Regex(value, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase) },
        "--runs" => this with { Runs = Number(value) },
        _ => throw new ArgumentException($"{key} is no option; see bench/README.md"),
    };

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
}
