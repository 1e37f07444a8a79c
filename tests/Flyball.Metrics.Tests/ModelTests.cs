using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;

namespace Flyball.Metrics.Tests;

/// <summary>Random appends, late appends, restarts, power cuts, sealing and merging against a dictionary.</summary>
public sealed class ModelTests
{
    // More with FLYBALL_MODEL_CASES: thousands before a release, a couple of hundred each time.
    private static readonly int Cases = int.TryParse(Environment.GetEnvironmentVariable("FLYBALL_MODEL_CASES"), out var cases) ? cases : 100;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_store_holds_what_a_dictionary_holds()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            try
            {
                await new Run(seed).GoAsync();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }

    private sealed class Run(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly TestClock _clock = new();
        private readonly SortedDictionary<LabelSet, SortedDictionary<long, Stored>> _model = [];
        private readonly MetricStoreOptions _options = Stores.Options with
        {
            OutOfOrderWindow = seed % 3 == 0 ? TimeSpan.FromHours(5) : TimeSpan.Zero,
            RetentionTime = TimeSpan.Zero,
        };

        private FaultyFileSystem _disk = new();
        private MetricStore _store = null!;

        private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

        public async Task GoAsync()
        {
            _store = await Stores.OpenAsync(_disk, _clock, _options);
            for (var step = 0; step < 30; step++)
            {
                await StepAsync();
                Check(TimeRange.All);
            }

            var from = new TimestampMs(Now - _random.Next(1, 10_000_000));
            Check(new TimeRange(from, new TimestampMs(from.Value + _random.Next(1, 10_000_000))));
            await _store.DisposeAsync();
        }

        private async Task StepAsync()
        {
            switch (_random.Next(14))
            {
                case 0:
                    await _store.SealAsync(Token);
                    break;
                case 1:
                    await _store.MaintainAsync(Token);
                    break;
                case 2:
                    await _store.DisposeAsync();
                    _store = await Stores.OpenAsync(_disk, _clock, _options);
                    break;
                case 3:
                    _disk = _disk.Copy();
                    _disk.Restart(powerLost: true);
                    await _store.DisposeAsync();
                    _store = await Stores.OpenAsync(_disk, _clock, _options);
                    break;
                case 4:
                    _clock.Advance(TimeSpan.FromMinutes(_random.Next(200)));
                    break;
                default:
                    _clock.Advance(TimeSpan.FromSeconds(_random.Next(1, 2000)));
                    await AppendAsync();
                    break;
            }
        }

        private async Task AppendAsync()
        {
            var batch = new SampleBatch();
            var labels = new List<LabelSet>();
            var count = _random.Next(1, 120);
            for (var i = 0; i < count; i++)
            {
                AddSample(batch, labels);
            }

            var mode = _random.Next(5) == 0 ? AppendMode.AllOrNothing : AppendMode.StoreWhatFits;
            var report = await _store.AppendAsync(batch, mode, Token);
            if (mode == AppendMode.AllOrNothing && report.Rejected.Count > 0)
            {
                Assert.Equal(0, report.Stored);
                return;
            }

            Assert.Equal(batch.SampleCount - report.Rejected.Count, report.Stored);
            var refused = report.Rejected.Select(r => r.SampleIndex).ToHashSet();
            for (var i = 0; i < batch.SampleCount; i++)
            {
                if (!refused.Contains(i))
                {
                    var start = batch.StartTimestampsMs.IsEmpty ? 0 : batch.StartTimestampsMs[i];
                    var histogram = batch.Histograms.IsEmpty ? null : batch.Histograms[i];
                    Keep(labels[i], batch.TimestampsMs[i], new Stored(BitConverter.DoubleToUInt64Bits(batch.Values[i]), start, histogram?.Count ?? -1));
                }
            }
        }

        private void AddSample(SampleBatch batch, List<LabelSet> labels)
        {
            var kind = _random.Next(12);
            var series = LabelSet.Of(("__name__", $"m{kind}"), ("i", _random.Next(4).ToString()));
            var late = _random.Next(20) == 0 ? _random.Next(30_000_000) : 0;
            var at = new TimestampMs(Now - late - 1000 + _random.Next(2000));
            labels.Add(series);
            var index = batch.AddSeries(series);
            var start = kind == 3 && _random.Next(2) == 0 ? new TimestampMs(Now / 100_000 * 100_000) : default;
            if (kind == 5 || (kind == 6 && _random.Next(4) == 0))
            {
                batch.AddHistogram(index, at, RandomHistogram(), start);
                return;
            }

            batch.AddSample(index, at, RandomValue(kind), start);
        }

        private double RandomValue(int kind) => kind switch
        {
            0 => 1,
            1 => Now / 1000,
            2 => _random.Next(1000) / 10.0,
            4 => _random.Next(10) == 0 ? StaleMarker.Value : _random.Next(3),
            _ => _random.NextDouble(),
        };

        private NativeHistogram RandomHistogram()
        {
            var buckets = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => (double)_random.Next(100)).ToArray();
            return new NativeHistogram
            {
                Schema = 3,
                Count = buckets.Sum(),
                Sum = _random.NextDouble() * 100,
                PositiveSpans = [new BucketSpan(_random.Next(-3, 3), (uint)buckets.Length)],
                PositiveBuckets = buckets,
                HasIntegerCounts = _random.Next(2) == 0,
            };
        }

        private void Keep(LabelSet labels, long at, Stored value)
        {
            if (!_model.TryGetValue(labels, out var samples))
            {
                _model[labels] = samples = [];
            }

            samples.TryAdd(at, value);
        }

        private void Check(TimeRange range)
        {
            using var selection = _store.Select(new SeriesQuery(range, []), Token);
            var found = new List<(LabelSet Labels, string Samples)>();
            using var samples = new SampleColumns();
            for (var i = 0; i < selection.Count; i++)
            {
                samples.Clear();
                selection.Read(i, samples, Token);
                if (samples.Count > 0)
                {
                    found.Add((selection.Labels(i), Text(samples)));
                }
            }

            var expected = _model
                .Select(m => (m.Key, Text(m.Value.Where(s => range.Contains(new TimestampMs(s.Key))))))
                .Where(m => m.Item2.Length > 0);
            Assert.Equal(expected, found);
        }

        private static string Text(SampleColumns samples)
        {
            var text = new List<KeyValuePair<long, Stored>>();
            for (var i = 0; i < samples.Count; i++)
            {
                var histogram = samples.Histograms.IsEmpty ? null : samples.Histograms[i];
                var start = samples.StartTimestampsMs.IsEmpty ? 0 : samples.StartTimestampsMs[i];
                text.Add(new(samples.TimestampsMs[i], new Stored(BitConverter.DoubleToUInt64Bits(samples.Values[i]), start, histogram?.Count ?? -1)));
            }

            return Text(text);
        }

        private static string Text(IEnumerable<KeyValuePair<long, Stored>> samples) =>
            string.Join(' ', samples.Select(s => $"{s.Key}:{s.Value.Bits:x}/{s.Value.Start}/{s.Value.HistogramCount}"));

        private readonly record struct Stored(ulong Bits, long Start, double HistogramCount);
    }
}
