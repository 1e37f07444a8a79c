using System.Text;
using Flyball.Ingest.Exposition;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Scraping;

/// <summary>What the families of one target say about themselves. Read by API calls while scrapes go on.</summary>
internal sealed class FamilyMetadata
{
    // A family that a target stopped exposing is remembered for this many scrapes.
    private const int KeptScrapes = 10;

    // Hashes of lines seen before: an unchanged page costs no decoding. A collision would only keep an older text.
    private readonly HashSet<ulong> _seen = [];
    private readonly Dictionary<string, (MetricMetadata Metadata, int Scrape)> _families = [];
    private readonly Lock _gate = new();
    private int _scrape;

    /// <summary>Starts a scrape.</summary>
    public void Begin()
    {
        _scrape++;
        if (_scrape % KeptScrapes == 0)
        {
            // Forgetting what was seen makes the next page note its families again, with their scrape.
            _seen.Clear();
            lock (_gate)
            {
                foreach (var (family, entry) in _families)
                {
                    if (entry.Scrape < _scrape - (2 * KeptScrapes))
                    {
                        _families.Remove(family);
                    }
                }
            }
        }
    }

    /// <summary>Notes a type, help or unit entry; what is new also goes into the batch.</summary>
    public void Note(ExpositionEntry entry, ExpositionReader reader, SampleBatch batch)
    {
        var family = LabelSet.HashOf(reader.Family);
        var said = entry == ExpositionEntry.Type ? (ulong)reader.Type : LabelSet.HashOf(reader.Text);
        if (!_seen.Add((((family * 31) + (ulong)entry) * 31) + said))
        {
            return;
        }

        var name = Encoding.UTF8.GetString(reader.Family);
        lock (_gate)
        {
            var before = _families.TryGetValue(name, out var known) ? known.Metadata : new MetricMetadata(name, MetricType.Unknown, "", "");
            var after = entry switch
            {
                ExpositionEntry.Type => before with { Type = reader.Type },
                ExpositionEntry.Help => before with { Help = Unescape(reader.Text) },
                _ => before with { Unit = Unescape(reader.Text) },
            };
            _families[name] = (after, _scrape);
            if (after != before)
            {
                batch.AddMetadata(after);
            }
        }
    }

    /// <summary>All families now, in no particular order.</summary>
    public IReadOnlyList<MetricMetadata> Snapshot()
    {
        lock (_gate)
        {
            return [.. _families.Values.Select(f => f.Metadata)];
        }
    }

    private static string Unescape(ReadOnlySpan<byte> text)
    {
        byte[] buffer = [];
        return Encoding.UTF8.GetString(LabelReader.Unescape(text, ref buffer));
    }
}
