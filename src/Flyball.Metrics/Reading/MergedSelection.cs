using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Metrics.Reading;

/// <summary>Heads and blocks as one: every series once, its samples in order, whatever lies twice left out.</summary>
internal sealed class MergedSelection : ISeriesSelection
{
    private readonly ISeriesPart[] _parts;
    private readonly SeriesPlace[] _places;
    private readonly int[] _firstPlace;

    /// <summary>Merges parts.</summary>
    /// <param name="parts">Oldest first: of equal times the sample of the earlier part counts. Owned from here on.</param>
    public MergedSelection(ISeriesPart[] parts, int seriesLimit)
    {
        _parts = parts;
        (_places, _firstPlace) = parts.Length == 1 ? ([], []) : Merge(parts);
        if (seriesLimit > 0 && Count > seriesLimit)
        {
            Dispose();
            throw new SeriesLimitException(seriesLimit);
        }
    }

    public int Count => _parts.Length == 1 ? _parts[0].Count : _firstPlace.Length - 1;

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Parts whose samples are to be read as counts of one, because other parts hold counts; null if none does.</summary>
    public IReadOnlySet<ISeriesPart>? Counted { get; init; }

    public LabelSet Labels(int index)
    {
        var place = PlaceOf(index, 0);
        return LabelSet.FromEncoded(_parts[place.Part].Labels(place.Index));
    }

    public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
    {
        var start = destination.Count;
        var disorder = false;
        for (var i = 0; i < PlacesOf(index); i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = destination.Count;
            var place = PlaceOf(index, i);
            disorder |= _parts[place.Part].Read(place.Index, destination, cancellationToken);
            if (Counted is not null)
            {
                destination.TurnIntoCounts(Counted.Contains(_parts[place.Part]) ? before : destination.Count);
            }

            disorder |= before > start && destination.Count > before
                && destination.TimestampsMs[before] <= destination.TimestampsMs[before - 1];
        }

        if (disorder)
        {
            SampleOrder.Restore(destination, start);
        }
    }

    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Dispose();
        }
    }

    // One part, as nearly always when the present is asked about, is its own order.
    private SeriesPlace PlaceOf(int index, int which) =>
        _parts.Length == 1 ? new SeriesPlace(0, index) : _places[_firstPlace[index] + which];

    private int PlacesOf(int index) => _parts.Length == 1 ? 1 : _firstPlace[index + 1] - _firstPlace[index];

    private static (SeriesPlace[] Places, int[] First) Merge(ISeriesPart[] parts)
    {
        var places = new SeriesPlace[parts.Sum(p => p.Count)];
        var first = new List<int>();
        var next = new int[parts.Length];
        var at = 0;
        while (at < places.Length)
        {
            first.Add(at);
            var least = -1;
            for (var part = 0; part < parts.Length; part++)
            {
                if (next[part] < parts[part].Count
                    && (least < 0 || LabelSet.Compare(parts[part].Labels(next[part]), parts[least].Labels(next[least])) < 0))
                {
                    least = part;
                }
            }

            at = TakeEqual(parts, next, least, places, at);
        }

        first.Add(at);
        return (places, [.. first]);
    }

    private static int TakeEqual(ISeriesPart[] parts, int[] next, int least, SeriesPlace[] places, int at)
    {
        var labels = parts[least].Labels(next[least]);
        for (var part = 0; part < parts.Length; part++)
        {
            if (part == least || (part > least && next[part] < parts[part].Count && parts[part].Labels(next[part]).SequenceEqual(labels)))
            {
                places[at++] = new SeriesPlace(part, next[part]++);
            }
        }

        return at;
    }

    private readonly record struct SeriesPlace(int Part, int Index);
}
