using Flyball.Durable.Files;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;

namespace Flyball.Metrics.Tests;

/// <summary>
/// Random appends, late and repeated samples, staleness markers, histograms, deletions, restarts, power cuts, a clock that steps,
/// sealing and merging, against a dictionary.
/// </summary>
public sealed class ModelTests
{
    // FLYBALL_MODEL_CASES asks for more, FLYBALL_MODEL_SEED for other ones.
    private static readonly int Cases = Setting("FLYBALL_MODEL_CASES", 10_000);
    private static readonly int FirstSeed = Setting("FLYBALL_MODEL_SEED", 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task The_store_holds_what_a_dictionary_holds() =>
        Parallel.ForEachAsync(Enumerable.Range(FirstSeed, Cases), Token, async (seed, _) =>
        {
            try
            {
                await new Run(seed).GoAsync();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        });

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : otherwise;

    private sealed class Run(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly TestClock _clock = new();
        private readonly SortedDictionary<LabelSet, SortedDictionary<long, Stored>> _model = [];
        private readonly MetricStoreOptions _options = Stores.Options with
        {
            OutOfOrderWindow = seed % 3 == 0 ? TimeSpan.FromHours(5) : TimeSpan.Zero,
            RetentionTime = TimeSpan.Zero,
            ExemplarLimit = 4,
        };

        private const string Checkpoint = "/data/checkpoint";

        private FaultyFileSystem _disk = new();
        private MetricStore _store = null!;
        private long _newestEver = long.MinValue;

        private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

        public async Task GoAsync()
        {
            _store = await Stores.OpenAsync(_disk, _clock, _options);
            for (var steps = _random.Next(3, 14); steps > 0; steps--)
            {
                if (await StepAsync() || _random.Next(4) == 0)
                {
                    Check(TimeRange.All);
                }
            }

            Check(TimeRange.All);
            Check(RandomRange());
            await _store.DisposeAsync();
        }

        // True after whatever may lose or double samples.
        private async Task<bool> StepAsync()
        {
            switch (_random.Next(22))
            {
                case 0:
                    await _store.SealAsync(Token);
                    return true;
                case 1:
                    await _store.MaintainAsync(Token);
                    return true;
                case 2:
                    await RestartAsync(powerLost: false);
                    return true;
                case 3:
                    await RestartAsync(powerLost: true);
                    return true;
                case 4:
                    await DeleteAsync();
                    return true;
                case 7 or 8:
                    await _store.CheckpointAsync(Token);
                    return false;
                case 5:
                    _clock.StepWallClock(TimeSpan.FromMinutes(_random.Next(-90, 30)));
                    return false;
                case 6:
                    _clock.Advance(TimeSpan.FromMinutes(_random.Next(200)));
                    return false;
                default:
                    _clock.Advance(TimeSpan.FromSeconds(_random.Next(1, 2000)));
                    await AppendAsync();
                    return false;
            }
        }

        // The disk of the killed process is copied first: what it does while it is disposed of happens elsewhere.
        private async Task RestartAsync(bool powerLost)
        {
            if (powerLost)
            {
                _disk = _disk.Copy();
                _disk.Restart(powerLost: true);
            }

            await _store.DisposeAsync();
            DamageCheckpoint();
            _store = await Stores.OpenAsync(_disk, _clock, _options);
        }

        // Now and then, somewhere: it must not matter.
        private void DamageCheckpoint()
        {
            if (_random.Next(4) != 0 || !_disk.FileExists(Checkpoint))
            {
                return;
            }

            using var file = _disk.Open(Checkpoint, OpenMode.ReadWrite);
            var at = _random.NextInt64(file.Length);
            Span<byte> one = stackalloc byte[1];
            file.Read(at, one);
            one[0] ^= (byte)(1 << _random.Next(8));
            file.Write(at, one);
        }

        private async Task DeleteAsync()
        {
            var matcher = _random.Next(2) == 0
                ? new Matcher(MatchOp.Equal, "__name__", $"m{_random.Next(8)}")
                : new Matcher(MatchOp.NotEqual, "i", "1");
            var range = RandomRange();
            await _store.DeleteAsync([[matcher]], range, Token);
            foreach (var (labels, samples) in _model)
            {
                if (matcher.Matches(labels[matcher.Name]))
                {
                    samples.Keys.Where(t => range.Contains(new TimestampMs(t))).ToList().ForEach(t => samples.Remove(t));
                }
            }
        }

        private async Task AppendAsync()
        {
            var batch = new SampleBatch();
            var labels = new List<LabelSet>();
            for (var count = _random.Next(10) == 0 ? 90 : _random.Next(1, 16); count > 0; count--)
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
                    Keep(labels[i], batch.TimestampsMs[i], Stored.Of(batch.Values[i], start, histogram));
                }
                else
                {
                    Assert.False(MustBeTaken(batch.TimestampsMs[i]), $"the sample of {labels[i]} at {batch.TimestampsMs[i]} was refused");
                }
            }
        }

        // What is newer than anything there is, and not of the future, must never be refused.
        private bool MustBeTaken(long at) => at > _newestEver && at <= Now + 60_000;

        private void AddSample(SampleBatch batch, List<LabelSet> labels)
        {
            var kind = _random.Next(8);
            var series = LabelSet.Of(("__name__", $"m{kind}"), ("i", _random.Next(2).ToString()));
            labels.Add(series);
            var index = batch.AddSeries(series);
            if (_random.Next(8) == 0 && _model.GetValueOrDefault(series) is { Count: > 0 } own && own.Last() is var (time, newest) && newest.Histogram == 0)
            {
                // Sent again, as a sender does that heard no answer; or a contradiction.
                batch.AddSample(index, new TimestampMs(time), _random.Next(3) == 0 ? 42.5 : BitConverter.UInt64BitsToDouble(newest.Bits), new TimestampMs(newest.Start));
                return;
            }

            var late = _random.Next(12) == 0 ? _random.Next(30_000_000) : 0;
            var at = new TimestampMs(Now - late - 1000 + _random.Next(2000));
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
            4 => _random.Next(3) == 0 ? StaleMarker.Value : _random.Next(3),
            _ => _random.NextDouble(),
        };

        private NativeHistogram RandomHistogram()
        {
            var buckets = new double[_random.Next(1, 6)];
            for (var i = 0; i < buckets.Length; i++)
            {
                buckets[i] = _random.Next(100);
            }

            var ended = _random.Next(10) == 0;
            return new NativeHistogram
            {
                Schema = 3,
                Count = ended ? 0 : buckets.Sum(),
                Sum = ended ? StaleMarker.Value : _random.NextDouble() * 100,
                PositiveSpans = ended ? [] : [new BucketSpan(_random.Next(-3, 3), (uint)buckets.Length)],
                PositiveBuckets = ended ? [] : buckets,
                HasIntegerCounts = _random.Next(2) == 0,
            };
        }

        private TimeRange RandomRange()
        {
            var from = Now - _random.Next(1, 10_000_000);
            return new TimeRange(new TimestampMs(from), new TimestampMs(from + _random.Next(1, 10_000_000)));
        }

        private void Keep(LabelSet labels, long at, Stored value)
        {
            if (!_model.TryGetValue(labels, out var samples))
            {
                _model[labels] = samples = [];
            }

            samples.TryAdd(at, value);
            _newestEver = Math.Max(_newestEver, at);
        }

        private void Check(TimeRange range)
        {
            using var selection = _store.Select(new SeriesQuery(range, []), Token);
            using var samples = new SampleColumns();
            var index = 0;
            foreach (var (labels, all) in _model)
            {
                var expected = new List<Point>(all.Count);
                foreach (var (at, value) in all)
                {
                    if (range.Contains(new TimestampMs(at)))
                    {
                        expected.Add(new Point(at, value));
                    }
                }

                if (expected.Count == 0)
                {
                    continue;
                }

                SkipEmpty(selection, ref index, samples, labels);
                Assert.True(index < selection.Count, $"{labels} is missing");
                Assert.Equal(labels, selection.Labels(index));
                CheckSamples(labels, expected, samples);
                index++;
            }

            SkipEmpty(selection, ref index, samples, labels: null);
            Assert.True(index == selection.Count, "there are series too many");
        }

        // An index knows series, not their every sample: one without any is as good as none.
        private static void SkipEmpty(ISeriesSelection selection, ref int index, SampleColumns samples, LabelSet? labels)
        {
            for (; index < selection.Count; index++)
            {
                samples.Clear();
                selection.Read(index, samples, Token);
                if (samples.Count > 0)
                {
                    Assert.True(labels is not null, $"{selection.Labels(index)} should have no samples");
                    return;
                }
            }
        }

        private static void CheckSamples(LabelSet labels, List<Point> expected, SampleColumns samples)
        {
            var found = new List<Point>(samples.Count);
            for (var i = 0; i < samples.Count; i++)
            {
                var histogram = samples.Histograms.IsEmpty ? null : samples.Histograms[i];
                var start = samples.StartTimestampsMs.IsEmpty ? 0 : samples.StartTimestampsMs[i];
                found.Add(new Point(samples.TimestampsMs[i], Stored.Of(samples.Values[i], start, histogram)));
            }

            if (!expected.SequenceEqual(found))
            {
                Assert.Fail($"{labels}\nexpected {string.Join(' ', expected)}\nfound    {string.Join(' ', found)}");
            }
        }

        private readonly record struct Point(long At, Stored Value);

        // Histogram is a hash of its contents, 0 for floats.
        private readonly record struct Stored(ulong Bits, long Start, int Histogram)
        {
            public static Stored Of(double value, long start, NativeHistogram? histogram) =>
                new(BitConverter.DoubleToUInt64Bits(value), start, histogram is null ? 0 : HashOf(histogram) | 1);

            private static int HashOf(NativeHistogram histogram)
            {
                var hash = new HashCode();
                hash.Add(histogram.Schema);
                hash.Add(histogram.Count);
                hash.Add(BitConverter.DoubleToUInt64Bits(histogram.Sum));
                hash.Add(histogram.HasIntegerCounts);
                foreach (var span in histogram.PositiveSpans)
                {
                    hash.Add(span);
                }

                foreach (var bucket in histogram.PositiveBuckets)
                {
                    hash.Add(bucket);
                }

                return hash.ToHashCode();
            }
        }
    }
}
