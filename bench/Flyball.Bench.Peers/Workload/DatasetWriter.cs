using System.Buffers.Binary;
using System.Text.Json;
using IronSnappy;

namespace Flyball.Bench.Peers.Workload;

/// <summary>Makes a dataset.</summary>
internal sealed class DatasetWriter : IDisposable
{
    // Senders wait for one another after this much of history, so that none runs ahead; their requests end there too.
    internal static readonly TimeSpan Stretch = TimeSpan.FromMinutes(10);

    private readonly WorkloadOptions _options;
    private readonly FileStream _file;
    private readonly WriteRequestBuilder[] _builders;
    private readonly byte[] _header = new byte[Dataset.HeaderSize];
    private int _requests;
    private long _samples, _markers, _born;

    private DatasetWriter(WorkloadOptions options, string path)
    {
        _options = options;
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        _builders = [.. Enumerable.Range(0, options.Senders).Select(_ => new WriteRequestBuilder())];
    }

    /// <summary>Writes the files of a dataset; the facts come last and make it valid.</summary>
    public static void Write(WorkloadOptions options, string folder)
    {
        DatasetFacts facts;
        using (var writer = new DatasetWriter(options, Path.Combine(folder, "requests")))
        {
            facts = writer.Run();
        }

        File.WriteAllText(Path.Combine(folder, "facts.json"), JsonSerializer.Serialize(facts));
    }

    public void Dispose() => _file.Dispose();

    private DatasetFacts Run()
    {
        var generator = new Generator(_options);
        _born = generator.Count;
        Write(generator, 0, _options.Rounds);
        var (samples, markers, requests) = (_samples, _markers, _requests);
        Write(generator, _options.Rounds, _options.TailRounds);
        _file.Flush();
        return new DatasetFacts(_options, samples, markers, _samples - samples, _markers - markers, _born, requests, _file.Length);
    }

    // Requests end at the stretches, so that no sender is further ahead of another than that.
    private void Write(Generator generator, int first, int count)
    {
        var stretch = Math.Max(1, (int)(Stretch / _options.Interval));
        for (var round = first; round < first + count; round++)
        {
            generator.Round(round, Add);
            if ((round + 1) % stretch == 0)
            {
                Flush();
            }
        }

        Flush();
    }

    private void Add(int slot, byte[] labels, long at, double value)
    {
        var isMarker = double.IsNaN(value);
        _samples += isMarker ? 0 : 1;
        _markers += isMarker ? 1 : 0;
        _born += isMarker ? 1 : 0;
        var sender = (int)((long)slot * _options.Senders / _options.Series);
        _builders[sender].Add(labels, at, value);
        if (_builders[sender].Samples >= _options.RequestSize)
        {
            Flush(sender);
        }
    }

    private void Flush()
    {
        for (var sender = 0; sender < _builders.Length; sender++)
        {
            Flush(sender);
        }
    }

    private void Flush(int sender)
    {
        var builder = _builders[sender];
        if (builder.Samples == 0)
        {
            return;
        }

        var body = Snappy.Encode(builder.Message.Span);
        BinaryPrimitives.WriteInt32LittleEndian(_header, sender);
        BinaryPrimitives.WriteInt32LittleEndian(_header.AsSpan(4), builder.Samples);
        BinaryPrimitives.WriteInt64LittleEndian(_header.AsSpan(8), builder.NewestMs);
        BinaryPrimitives.WriteInt32LittleEndian(_header.AsSpan(16), body.Length);
        _file.Write(_header);
        _file.Write(body);
        _requests++;
        builder.Clear();
    }
}
