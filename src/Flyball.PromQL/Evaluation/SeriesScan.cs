using System.Runtime.ExceptionServices;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Evaluation;

/// <summary>Turns the samples of one series into a row; has scratch memory of its own, so one per thread.</summary>
internal abstract class SeriesWorker
{
    /// <summary>Computes the row of a series.</summary>
    /// <returns>Null if it has no sample at any step.</returns>
    public abstract SeriesRow? Process(LabelSet labels, SampleColumns samples);

    /// <summary>Whether it looks at labels even where nobody else will.</summary>
    public virtual bool NeedsLabels => false;

    /// <summary>Gives back a row that nobody looks at any more.</summary>
    public virtual void Recycle(SeriesRow row)
    {
    }
}

/// <summary>Reads the series of a selector one by one and pushes their rows, on several threads when it pays.</summary>
internal static class SeriesScan
{
    // Below this many series times steps, starting a second thread costs more than it saves.
    private const long WorthSharing = 6_000;

    public static void Run(QueryScope scope, SeriesQuery query, RowSink sink, Func<SeriesWorker> makeWorker)
    {
        if (query.Range.IsEmpty)
        {
            return;
        }

        using var selection = scope.Query.Source.Select(query, scope.Budget.Token);
        foreach (var note in selection.Notes)
        {
            scope.Annotations.Inform(default, note);
        }

        scope.Budget.CountSeries(selection.Count);
        var cost = (long)selection.Count * Math.Max(scope.Grid.Count, 16);
        var parts = cost < WorthSharing ? 1 : Math.Min(scope.Query.Workers, Math.Max(1, selection.Count / 4));
        if (parts == 1)
        {
            ReadPart(scope, selection, 0, selection.Count, sink, makeWorker());
            return;
        }

        RunParts(scope, selection, parts, sink, makeWorker);
    }

    private static void RunParts(
        QueryScope scope, ISeriesSelection selection, int parts, RowSink sink, Func<SeriesWorker> makeWorker)
    {
        var forks = new RowSink[parts];
        for (var i = 0; i < parts; i++)
        {
            forks[i] = sink.Fork();
        }

        try
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, part =>
            {
                var from = (int)((long)selection.Count * part / parts);
                var until = (int)((long)selection.Count * (part + 1) / parts);
                ReadPart(scope, selection, from, until, forks[part], makeWorker());
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        foreach (var fork in forks)
        {
            sink.Join(fork);
        }
    }

    private static void ReadPart(
        QueryScope scope, ISeriesSelection selection, int from, int until, RowSink sink, SeriesWorker worker)
    {
        var recycles = sink.OnlyLooks;
        using var samples = new SampleColumns();
        for (var i = from; i < until; i++)
        {
            scope.Budget.ThrowIfDone();
            samples.Clear();
            selection.Read(i, samples, scope.Budget.Token);
            if (samples.Count == 0)
            {
                continue;
            }

            scope.Budget.CountRead(samples.Count);
            scope.Budget.Hold(samples.Count);
            // Where histograms or start times are, a warning may want to name the series.
            var nameless = sink.IgnoresLabels && !worker.NeedsLabels && !samples.HasHistograms && samples.StartTimestampsMs.IsEmpty;
            if (worker.Process(nameless ? LabelSet.Empty : selection.Labels(i), samples) is { } row)
            {
                sink.Accept(row);
                if (recycles)
                {
                    worker.Recycle(row);
                }
            }

            scope.Budget.Release(samples.Count);
        }
    }
}
