using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tracking;

/// <summary>How strongly a fact speaks: of two facts about one field the greater one counts, whatever order they arrived in.</summary>
/// <param name="Cycle">Which life of something that can be reopened; 0 where an end is for ever.</param>
/// <param name="Ended">Whether the fact speaks of an end: within one life an end is never taken back.</param>
/// <param name="SourceTime">When the source saw it.</param>
/// <param name="State">How far it had come; sources whose clock has whole seconds tell several states in one second.</param>
/// <remarks>An object, because all fields that one fact sets share it: a task has two dozen fields, and there are many tasks.</remarks>
internal sealed record FactOrder(ulong Cycle, bool Ended, ulong SourceTime, RunState State) : IComparable<FactOrder>
{
    /// <summary>The order of a field nothing has been said about.</summary>
    public static readonly FactOrder None = new(0, false, 0, RunState.Pending);

    /// <summary>The order of a field that has no life of its own: later source time wins.</summary>
    public static FactOrder Plain(TimestampNs sourceTime) => new(0, false, sourceTime.Value, RunState.Pending);

    /// <summary>The order of the fields that move along a life.</summary>
    public static FactOrder Of(LifeFact life, TimestampNs sourceTime)
    {
        var state = life.State ?? RunState.Pending;
        return new FactOrder(life.Cycle.Value, state == RunState.Finished, sourceTime.Value, state);
    }

    public int CompareTo(FactOrder? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = Cycle.CompareTo(other.Cycle);
        order = order != 0 ? order : Ended.CompareTo(other.Ended);
        order = order != 0 ? order : SourceTime.CompareTo(other.SourceTime);
        return order != 0 ? order : State.CompareTo(other.State);
    }
}

/// <summary>One field of a run with the strength of the fact that set it.</summary>
/// <remarks>Merging is commutative, associative and idempotent: equal strength is settled by the value itself, so two copies of the
/// same events always agree.</remarks>
internal struct Register<T>
    where T : notnull
{
    private FactOrder? _order;

    /// <summary>The value; default while nothing is known.</summary>
    public T? Value { get; private set; }

    /// <summary>The strength of what set it.</summary>
    public readonly FactOrder Order => _order ?? FactOrder.None;

    public readonly bool IsSet => _order is not null;

    /// <summary>The value, or what to say while nothing is known.</summary>
    public readonly T Or(T otherwise) => IsSet ? Value! : otherwise;

    /// <summary>Merges a value.</summary>
    /// <returns>Whether the value is another one now.</returns>
    public bool Merge(T value, FactOrder order)
    {
        var comparison = order.CompareTo(_order);
        if (comparison < 0 || (comparison == 0 && Comparer<T>.Default.Compare(value, Value!) <= 0))
        {
            return false;
        }

        var changed = !IsSet || !EqualityComparer<T>.Default.Equals(value, Value!);
        Value = value;
        _order = order;
        return changed;
    }
}

/// <summary>Merging facts that may say nothing.</summary>
internal static class RegisterMerge
{
    public static bool MergeIfSaid(this ref Register<string> register, string? value, FactOrder order) =>
        value is not null && register.Merge(value, order);

    public static bool MergeIfSaid<T>(this ref Register<T> register, T? value, FactOrder order)
        where T : struct => value is { } said && register.Merge(said, order);
}
