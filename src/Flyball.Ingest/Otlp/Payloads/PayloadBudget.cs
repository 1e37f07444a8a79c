namespace Flyball.Ingest.Otlp.Payloads;

/// <summary>Bounds the memory of all requests that are being received at once. Thread-safe.</summary>
internal sealed class PayloadBudget(long limit)
{
    private long _taken;

    /// <summary>Bytes held now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Reserves bytes.</summary>
    /// <exception cref="PayloadBudgetException">There are not enough left; nothing was reserved.</exception>
    public void Take(long count)
    {
        if (Interlocked.Add(ref _taken, count) > limit)
        {
            Interlocked.Add(ref _taken, -count);
            throw new PayloadBudgetException(limit);
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long count) => Interlocked.Add(ref _taken, -count);
}
