using Flyball.Model.Samples;

namespace Flyball.Metrics.Reading;

/// <summary>The matching series of one head or one block, opened for reading, in label order.</summary>
internal interface ISeriesPart : IDisposable
{
    int Count { get; }

    /// <summary>Canonical label bytes; they live as long as the part is open.</summary>
    ReadOnlySpan<byte> Labels(int index);

    /// <summary>Appends the samples in range. Safe from many threads for different destinations.</summary>
    /// <returns>Whether the times may fail to rise, so that they must be put in order.</returns>
    bool Read(int index, SampleColumns to, CancellationToken cancellationToken);
}
