using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>An aggregation that keeps a running state per group: rows flow into it and are gone.</summary>
internal sealed class AggregationNode(
    VectorNode inner, LabelProjection grouping, Func<QueryScope, GroupStates> makeStates) : VectorNode
{
    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var groups = new GroupSink(scope, grouping, makeStates);
        inner.Run(scope, groups);
        groups.Finish(sink);
    }

    /// <summary>Routes each row to its group.</summary>
    private sealed class GroupSink(QueryScope scope, LabelProjection grouping, Func<QueryScope, GroupStates> makeStates) : RowSink
    {
        private readonly GroupTable _table = new();
        private readonly GroupStates _states = makeStates(scope);
        private readonly List<bool> _dropName = [];

        public override bool OnlyLooks => !_states.KeepsRows;

        public override bool IgnoresMetadata => grouping.DropsMetadata;

        public override bool IgnoresLabels => grouping.IsEmpty;

        public override void Accept(SeriesRow row)
        {
            var group = _table.Assign(row.Labels, grouping);
            Ensure(group, row.DropName);
            _states.Add(group, row);
        }

        public override RowSink Fork() => new GroupSink(scope, grouping, makeStates);

        public override void Join(RowSink fork)
        {
            var other = (GroupSink)fork;
            for (var i = 0; i < other._table.Count; i++)
            {
                var group = _table.Assign(other._table.KeyOf(i).Encoded);
                Ensure(group, other._dropName[i]);
                _states.Merge(group, other._states, i);
            }
        }

        public void Finish(RowSink sink)
        {
            for (var group = 0; group < _table.Count; group++)
            {
                scope.Budget.ThrowIfDone();
                var row = _states.Finish(group, _table.KeyOf(group));
                if (row.HasAny())
                {
                    row.DropName = _dropName[group];
                    sink.Accept(row);
                }
            }
        }

        private void Ensure(int group, bool dropName)
        {
            if (group == _dropName.Count)
            {
                scope.Budget.Hold(scope.Grid.Count);
                _dropName.Add(dropName);
                _states.AddGroup();
            }
            else if (dropName)
            {
                _dropName[group] = true;
            }
        }
    }
}

/// <summary>The states of all groups of an aggregation, one column or more per group.</summary>
internal abstract class GroupStates(QueryScope scope)
{
    protected QueryScope Scope => scope;

    protected int Steps => scope.Grid.Count;

    /// <summary>Whether it holds on to the columns of the rows it takes.</summary>
    public virtual bool KeepsRows => false;

    /// <summary>Makes room for one more group.</summary>
    public abstract void AddGroup();

    /// <summary>Takes a series into a group.</summary>
    public abstract void Add(int group, SeriesRow row);

    /// <summary>Takes over the state of a group of another set, all of whose series come after the ones here.</summary>
    public abstract void Merge(int group, GroupStates other, int otherGroup);

    /// <summary>The result of a group.</summary>
    public abstract SeriesRow Finish(int group, Model.Labels.LabelSet labels);

    /// <summary>Notes that an aggregation has left histograms out.</summary>
    protected static void IgnoreHistograms(QueryScope scope, SeriesRow row, string name, SourceSpan span)
    {
        if (row.Histograms is { } histograms && Array.Exists(histograms, h => h is not null))
        {
            scope.Annotations.Inform(span, $"ignored histogram in {name} aggregation");
        }
    }
}
