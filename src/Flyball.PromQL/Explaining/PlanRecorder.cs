using System.Text;
using Flyball.Model.Samples;
using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Explaining;

/// <summary>Records what each part of one plan does. For one thread.</summary>
/// <remarks>Rows are pushed: while a selector runs, so does every operator above it, row by row. So there is one clock, and whoever hands
/// the work to another part switches it over; times and samples go to the part it stands on.</remarks>
internal sealed class PlanRecorder(PromQLExpression expression, QueryBudget budget, TimeProvider time)
{
    // Beyond these a tree is no longer read, and no longer fits into JSON as deep as readers accept.
    private const int MostParts = 500;
    private const int MostDepth = 100;
    private const int MostText = 200;

    private readonly List<PartRecord> _parts = [];
    private PartRecord? _planned;
    private PartRecord? _running;
    private long _since;
    private long _read;
    private long _touched;
    private long _selected;

    /// <summary>Begins to plan a part; what is begun until its end is below it.</summary>
    /// <returns>Null for what is not told apart: constants, parentheses, and too much.</returns>
    public PartRecord? Begin(Node node)
    {
        var depth = (_planned?.Depth ?? 0) + 1;
        if (node is NumberLiteral or Parenthesis || _parts.Count >= MostParts || depth > MostDepth)
        {
            return null;
        }

        var record = new PartRecord(OperatorOf(node), TextOf(node.Span), node.Kind, depth, _planned);
        _planned?.Children.Add(record);
        _parts.Add(record);
        _planned = record;
        return record;
    }

    public void End(PartRecord record) => _planned = record.Parent;

    /// <summary>From here on, time and samples are those of another part, or of none.</summary>
    /// <returns>The one it was until now.</returns>
    public PartRecord? Switch(PartRecord? to)
    {
        var now = time.GetTimestamp();
        if (_running is { } before)
        {
            before.Ticks += now - _since;
            before.SamplesRead += budget.SamplesRead - _read;
            before.SamplesTouched += budget.Queryable - _touched;
            before.SeriesSelected += budget.Series - _selected;
        }

        (_since, _read, _touched, _selected) = (now, budget.SamplesRead, budget.Queryable, budget.Series);
        before = _running;
        _running = to;
        return before;
    }

    /// <summary>Notes time the part that runs has spent in the source, and pages it got there.</summary>
    public void NoteSource(long since, long pages = 0)
    {
        if (_running is { } record)
        {
            record.SourceTicks += time.GetTimestamp() - since;
            record.PagesRead += pages;
        }
    }

    public long Now() => time.GetTimestamp();

    /// <summary>Notes that the part that runs has selected nothing.</summary>
    public void NoteNothing(SeriesQuery query)
    {
        if (_running is { } record)
        {
            record.FoundNothing ??= query;
        }
    }

    /// <summary>What was recorded; null if the query has no part that is told apart.</summary>
    public ExplainedPart? Finish(ISeriesSource source) =>
        _parts.Count == 0 ? null : Explain(_parts[0], source);

    private ExplainedPart Explain(PartRecord record, ISeriesSource source)
    {
        var children = record.Children.ConvertAll(child => Explain(child, source));
        var exclusive = time.GetElapsedTime(0, record.Ticks);
        return new ExplainedPart
        {
            Operator = record.Operator,
            Expression = record.Text,
            Kind = record.Kind,
            Steps = record.Steps,
            SeriesSelected = record.SeriesSelected,
            SeriesIn = record.SeriesSelected + children.Sum(c => c.SeriesOut),
            SeriesOut = record.SeriesOut,
            PagesRead = record.PagesRead,
            SamplesRead = record.SamplesRead,
            SamplesTouched = record.SamplesTouched,
            Exclusive = exclusive,
            Inclusive = children.Aggregate(exclusive, (sum, child) => sum + child.Inclusive),
            Source = time.GetElapsedTime(0, record.SourceTicks),
            Suggestion = record.FoundNothing is { } query ? NothingFound.Explain(source, query, budget.Token) : null,
            Children = children,
        };
    }

    private string TextOf(SourceSpan span)
    {
        var end = Math.Min(span.End, expression.Utf8.Length);
        var start = Math.Clamp(span.Start, 0, end);
        var text = Encoding.UTF8.GetString(expression.Utf8.AsSpan(start, Math.Min(end - start, MostText)));
        return end - start > MostText ? text + "…" : text;
    }

    private static string OperatorOf(Node node) => node switch
    {
        VectorSelector => "selector",
        MatrixSelector => "range selector",
        Subquery => "subquery",
        Call call => call.Function.Name,
        Aggregation aggregation => Printer.AggregationHead(aggregation),
        BinaryOperation binary => Printer.BinaryHead(binary),
        UnaryOperation unary => unary.Operator.Text(),
        _ => node.Kind.Documented(),
    };
}

/// <summary>What is known so far of one part of a plan.</summary>
internal sealed class PartRecord(string op, string text, ValueKind kind, int depth, PartRecord? parent)
{
    public string Operator => op;

    public string Text => text;

    public ValueKind Kind => kind;

    public int Depth => depth;

    public PartRecord? Parent => parent;

    public List<PartRecord> Children { get; } = [];

    public long Steps { get; set; }

    public long SeriesSelected { get; set; }

    public long SeriesOut { get; set; }

    public long PagesRead { get; set; }

    public long SamplesRead { get; set; }

    public long SamplesTouched { get; set; }

    public long Ticks { get; set; }

    public long SourceTicks { get; set; }

    /// <summary>The first selection of it that had no series.</summary>
    public SeriesQuery? FoundNothing { get; set; }
}
