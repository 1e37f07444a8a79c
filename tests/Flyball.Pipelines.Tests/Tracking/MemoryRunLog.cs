using System.Runtime.CompilerServices;
using Flyball.Model.Runs;

namespace Flyball.Pipelines.Tests.Tracking;

/// <summary>A run log in memory that can refuse.</summary>
internal sealed class MemoryRunLog : IRunLog
{
    public List<RunFact> Facts { get; } = [];

    public bool Fails { get; set; }

    public int Count
    {
        get
        {
            lock (Facts)
            {
                return Facts.Count;
            }
        }
    }

    public ValueTask AppendAsync(IReadOnlyList<RunFact> facts, CancellationToken cancellationToken)
    {
        if (Fails)
        {
            throw new IOException("the disk is full");
        }

        lock (Facts)
        {
            Facts.AddRange(facts);
        }

        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<RunFact> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var fact in Facts.ToArray())
        {
            yield return fact;
        }
    }

    public ValueTask ForgetAsync(Func<RunKey, bool> isKeptElsewhere, CancellationToken cancellationToken)
    {
        lock (Facts)
        {
            Facts.RemoveAll(f => isKeptElsewhere(f.Run));
        }

        return ValueTask.CompletedTask;
    }
}
