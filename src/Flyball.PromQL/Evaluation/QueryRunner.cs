using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL.Explaining;
using Flyball.PromQL.Planning;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>Runs one query: plans it, evaluates it under its limits, shapes the answer.</summary>
internal sealed class QueryRunner(PromQLOptions options, TimeProvider time, QueryJob job)
{
    private const int MostAnnotations = 10;

    private readonly long _began = time.GetTimestamp();
    private PlanRecorder? _recorder;
    private TimeSpan _planned;
    private TimeSpan _sorted;

    public QueryResult Run(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(job.Limits.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var running = EngineMeter.Begin();
        try
        {
            var result = Evaluate(either.Token);
            EngineMeter.Done(time.GetElapsedTime(_began), _planned, _sorted, result.Statistics.SamplesRead);
            return result;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new PromQLQueryException(QueryFailure.Canceled, "query was canceled in expression evaluation", e);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested)
        {
            throw new PromQLQueryException(QueryFailure.Timeout, "query timed out in expression evaluation", e);
        }
        catch (SeriesLimitException e)
        {
            throw new PromQLQueryException(QueryFailure.Execution, e.Message, e);
        }
    }

    private QueryResult Evaluate(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var root = job.Expression.Root;
        if (job.IsRange && root.Kind is not (ValueKind.Scalar or ValueKind.Vector))
        {
            throw new PromQLQueryException(
                QueryFailure.Execution,
                $"invalid expression type {GoQuoting.Quote(root.Kind.Documented())} for range query, must be Scalar or instant Vector");
        }

        var budget = new QueryBudget(job.Limits, token);
        _recorder = job.Inspection.HasFlag(QueryInspection.Plan) ? new PlanRecorder(job.Expression, budget, time) : null;
        var lookback = job.Limits.LookbackDelta ?? options.LookbackDelta;
        var query = new QueryContext(
            _recorder is null ? job.Source : new RecordedSource(job.Source, _recorder),
            options.Features,
            (long)lookback.TotalMilliseconds,
            WorkersOf(options),
            budget,
            new AnnotationSet());
        var grid = MakeGrid();
        var perStep = job.Inspection.HasFlag(QueryInspection.SamplesPerStep) ? new StepCounts(grid.Count) : null;
        var scope = new QueryScope(query, grid, PerStep: perStep);
        return root.Kind switch
        {
            ValueKind.String => Answer(scope, ValueKind.String, [], text: ((StringLiteral)Unwrap(root)).Value),
            ValueKind.Scalar => Scalar(scope, root),
            ValueKind.Matrix => Matrix(scope, root),
            _ => Vector(scope, root),
        };
    }

    // Whoever watches the parts of a plan wants to see one at a time.
    private int WorkersOf(PromQLOptions options) =>
        _recorder is not null ? 1 : options.Workers > 0 ? options.Workers : Environment.ProcessorCount;

    private static Node Unwrap(Node node) => node is Parenthesis parenthesis ? Unwrap(parenthesis.Inner) : node;

    private StepGrid MakeGrid()
    {
        if (!job.IsRange)
        {
            return StepGrid.Instant(job.Start.Value);
        }

        var span = job.End.Value - job.Start.Value;
        if (span < 0)
        {
            return new StepGrid(job.Start.Value, job.Step.Value, 0);
        }

        var count = (span / job.Step.Value) + 1;
        if (job.Limits.MaxPoints > 0 && count - 1 > job.Limits.MaxPoints)
        {
            throw new PromQLQueryException(
                QueryFailure.Execution, $"the query has {count} steps, more than the {job.Limits.MaxPoints} allowed; lengthen its step or raise query.max_points");
        }

        return count <= int.MaxValue / 2 ? new StepGrid(job.Start.Value, job.Step.Value, (int)count) : throw QueryBudget.TooMany();
    }

    private Planner MakePlanner(StepGrid grid) => new(
        grid,
        new DurationEvaluator(job.Start.Value, job.End.Value, job.IsRange ? job.Step.Value : 0),
        (long)options.DefaultSubqueryStep.TotalMilliseconds,
        _recorder);

    private QueryResult Scalar(QueryScope scope, Node root)
    {
        var column = scope.Grid.Count == 0 ? [] : MakePlanner(scope.Grid).Scalar(root).Evaluate(scope);
        if (!job.IsRange)
        {
            return Answer(scope, ValueKind.Scalar, [], scalar: column[0]);
        }

        var row = new SeriesRow(Model.Labels.LabelSet.Empty, Array.ConvertAll(column, Absent.Present));
        return Answer(scope, ValueKind.Matrix, ResultShaper.ToSeries(row, ResultShaper.TimesOf(scope.Grid)) is { } series ? [series] : []);
    }

    private QueryResult Vector(QueryScope scope, Node root)
    {
        if (scope.Grid.Count == 0)
        {
            return Answer(scope, ValueKind.Matrix, []);
        }

        var planning = time.GetTimestamp();
        var plan = MakePlanner(scope.Grid).Vector(root);
        _planned = time.GetElapsedTime(planning);
        var rows = plan.Collect(scope);
        if (scope.Query.DelayNames)
        {
            rows = ResultShaper.DropDelayedNames(rows);
        }

        rows = ResultShaper.Merge(rows);
        var series = new List<ResultSeries>(rows.Count);
        var times = ResultShaper.TimesOf(scope.Grid);
        foreach (var row in rows)
        {
            if (ResultShaper.ToSeries(row, times) is { } one)
            {
                series.Add(one);
            }
        }

        if (job.IsRange)
        {
            var sorting = time.GetTimestamp();
            ResultShaper.Sort(series);
            _sorted = time.GetElapsedTime(sorting);
        }

        return Answer(scope, job.IsRange ? ValueKind.Matrix : ValueKind.Vector, series);
    }

    private QueryResult Matrix(QueryScope scope, Node root)
    {
        var rows = ReadRange(scope, root);
        ResultShaper.Sort(rows);
        return Answer(scope, ValueKind.Matrix, rows);
    }

    private List<ResultSeries> ReadRange(QueryScope scope, Node root)
    {
        if (_recorder?.Begin(Unwrap(root)) is not { } record)
        {
            return MakePlanner(scope.Grid).Range(root).ReadRaw(scope);
        }

        var plan = MakePlanner(scope.Grid).Range(root);
        _recorder.Switch(record);
        var rows = plan.ReadRaw(scope);
        _recorder.Switch(null);
        record.Steps = 1;
        record.SeriesOut = rows.Count;
        return rows;
    }

    private static List<StepSamples>? PerStepOf(QueryScope scope) =>
        scope.PerStep?.Counts.Select((samples, step) => new StepSamples(new TimestampMs(scope.Grid.At(step)), samples)).ToList();

    private QueryResult Answer(
        QueryScope scope, ValueKind kind, IReadOnlyList<ResultSeries> series, double scalar = 0, string text = "")
    {
        var (warnings, infos) = scope.Annotations.Render(job.Expression.Utf8, MostAnnotations);
        var budget = scope.Budget;
        return new QueryResult
        {
            Kind = kind,
            Series = series,
            Scalar = scalar,
            Text = text,
            At = new TimestampMs(job.Start.Value),
            Warnings = warnings,
            Infos = infos,
            Plan = _recorder?.Finish(job.Source),
            Statistics = new QueryStatistics(budget.Series, budget.SamplesRead, budget.Peak, time.GetElapsedTime(_began))
            {
                QueryableSamples = budget.Queryable,
                QueryablePerStep = PerStepOf(scope),
            },
        };
    }
}
