using Flyball.Model.Labels;
using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary><c>absent</c>, <c>absent_over_time</c>: 1 at every step at which the argument has nothing.</summary>
/// <param name="argument">The argument as written: its equality matchers become labels of the result.</param>
internal sealed class AbsentNode(VectorNode inner, Node argument) : VectorNode
{
    public override bool HasOneName => true;

    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var found = new PresenceSink(scope.Grid.Count);
        inner.Run(scope, found);
        var column = scope.NewColumn();
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = found.Present[i] ? Absent.Value : 1;
        }

        if (column.AsSpan().ContainsAnyPresent())
        {
            sink.Accept(new SeriesRow(LabelsOf(argument), column) { DropName = true });
        }
    }

    private static LabelSet LabelsOf(Node node)
    {
        var matchers = node switch
        {
            VectorSelector selector => selector.Matchers,
            MatrixSelector matrix => matrix.Selector.Matchers,
            _ => [],
        };
        var labels = new LabelSetBuilder();
        var seen = new HashSet<string>();
        foreach (var matcher in matchers)
        {
            if (matcher.Name == LabelSet.MetricNameLabel)
            {
                continue;
            }

            if (matcher.Op == MatchOp.Equal && seen.Add(matcher.Name))
            {
                labels.Set(matcher.Name, matcher.Value);
            }
            else
            {
                // Asked for twice, or not by equality: nothing definite can be said.
                labels.Remove(matcher.Name);
            }
        }

        return labels.Build();
    }

    private sealed class PresenceSink(int steps) : RowSink
    {
        public bool[] Present { get; } = new bool[steps];

        public override void Accept(SeriesRow row)
        {
            for (var i = 0; i < Present.Length; i++)
            {
                Present[i] |= row.IsPresent(i);
            }
        }

        public override RowSink Fork() => new PresenceSink(steps);

        public override void Join(RowSink fork)
        {
            for (var i = 0; i < Present.Length; i++)
            {
                Present[i] |= ((PresenceSink)fork).Present[i];
            }
        }
    }
}
