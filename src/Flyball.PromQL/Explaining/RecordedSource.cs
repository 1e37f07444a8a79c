using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Explaining;

/// <summary>A source with a record of the time it takes, and of what it does not find.</summary>
internal sealed class RecordedSource(ISeriesSource source, PlanRecorder recorder) : ISeriesSource
{
    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken)
    {
        var since = recorder.Now();
        var selection = source.Select(query, cancellationToken);
        recorder.NoteSource(since);
        if (selection.Count == 0)
        {
            recorder.NoteNothing(query);
        }

        return new Selection(selection, recorder);
    }

    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken) =>
        source.LabelNames(query, cancellationToken);

    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken) =>
        source.LabelValues(labelName, query, cancellationToken);

    private sealed class Selection(ISeriesSelection selection, PlanRecorder recorder) : ISeriesSelection
    {
        public int Count => selection.Count;

        public IReadOnlyList<string> Notes => selection.Notes;

        public LabelSet Labels(int index) => selection.Labels(index);

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
        {
            var (since, pages) = (recorder.Now(), destination.PagesRead);
            selection.Read(index, destination, cancellationToken);
            recorder.NoteSource(since, destination.PagesRead - pages);
        }

        public void Dispose() => selection.Dispose();
    }
}
