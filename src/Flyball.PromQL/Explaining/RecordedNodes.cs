using Flyball.PromQL.Evaluation;

namespace Flyball.PromQL.Explaining;

/// <summary>A part of a plan, with a record of what it does.</summary>
internal sealed class RecordedVectorNode(VectorNode inner, PartRecord record, PlanRecorder recorder) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var above = recorder.Switch(record);
        try
        {
            record.Steps += scope.Grid.Count;
            inner.Run(scope, new RecordedSink(sink, record, above, recorder));
        }
        finally
        {
            recorder.Switch(above);
        }
    }

    /// <summary>Counts rows, and lets the clock of the part above run while it takes one.</summary>
    private sealed class RecordedSink(RowSink next, PartRecord record, PartRecord? above, PlanRecorder recorder) : RowSink
    {
        public override bool OnlyLooks => next.OnlyLooks;

        public override bool IgnoresMetadata => next.IgnoresMetadata;

        public override void Accept(SeriesRow row)
        {
            record.SeriesOut++;
            var here = recorder.Switch(above);
            next.Accept(row);
            recorder.Switch(here);
        }

        public override RowSink Fork() => new RecordedSink(next.Fork(), record, above, recorder);

        public override void Join(RowSink fork) => next.Join(((RecordedSink)fork).Next);

        private RowSink Next => next;
    }
}

/// <summary>A number of a plan, with a record of what it took.</summary>
internal sealed class RecordedScalarNode(ScalarNode inner, PartRecord record, PlanRecorder recorder) : ScalarNode
{
    public override double[] Evaluate(QueryScope scope)
    {
        var above = recorder.Switch(record);
        try
        {
            record.Steps += scope.Grid.Count;
            return inner.Evaluate(scope);
        }
        finally
        {
            recorder.Switch(above);
        }
    }
}
