using System.Globalization;
using System.Text;

namespace Shop;

/// <summary>Counts and times requests, and shows them in Prometheus' text format 0.0.4.</summary>
internal sealed class Measurements(ShopSettings settings)
{
    private static readonly double[] Bounds = [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Histogram> _durations = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Route, int Status), long> _requests = [];

    /// <summary>Takes down one request.</summary>
    public void Record(string route, int status, TimeSpan duration)
    {
        lock (_gate)
        {
            _requests[(route, status)] = _requests.GetValueOrDefault((route, status)) + 1;
            if (!_durations.TryGetValue(route, out var histogram))
            {
                _durations[route] = histogram = new Histogram();
            }

            histogram.Add(duration.TotalSeconds);
        }
    }

    /// <summary>Everything, as text.</summary>
    public string Expose()
    {
        var text = new StringBuilder();
        lock (_gate)
        {
            text.Append("# HELP shop_requests_total Requests answered.\n# TYPE shop_requests_total counter\n");
            foreach (var ((route, status), count) in _requests)
            {
                text.Append(Format($"shop_requests_total{{route=\"{route}\",status=\"{status}\",version=\"{settings.ServiceVersion}\"}} {count}\n"));
            }

            text.Append("# HELP shop_request_duration_seconds Time to answer.\n# TYPE shop_request_duration_seconds histogram\n");
            foreach (var (route, histogram) in _durations)
            {
                histogram.Expose(text, $"route=\"{route}\",version=\"{settings.ServiceVersion}\"");
            }
        }

        return text.ToString();
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Histogram
    {
        private readonly long[] _counts = new long[Bounds.Length + 1];
        private double _sum;

        public void Add(double seconds)
        {
            var bucket = 0;
            while (bucket < Bounds.Length && seconds > Bounds[bucket])
            {
                bucket++;
            }

            _counts[bucket]++;
            _sum += seconds;
        }

        public void Expose(StringBuilder text, string labels)
        {
            long count = 0;
            for (var i = 0; i < _counts.Length; i++)
            {
                count += _counts[i];
                var bound = i < Bounds.Length ? Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                text.Append(Format($"shop_request_duration_seconds_bucket{{{labels},le=\"{bound}\"}} {count}\n"));
            }

            text.Append(Format($"shop_request_duration_seconds_sum{{{labels}}} {_sum}\n"));
            text.Append(Format($"shop_request_duration_seconds_count{{{labels}}} {count}\n"));
        }
    }
}
