using Flyball.Server.PrometheusApi;
using Flyball.Testing;

namespace Flyball.Server.Tests.PrometheusApi;

public sealed class QueryGateTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_caller_with_one_question_does_not_wait_behind_a_thousand_of_another()
    {
        using var gate = new QueryGate(most: 1, mostPerCaller: 1, mostWaiting: 2000, new TestClock());
        var first = await gate.EnterAsync("crowd", Patience, CancellationToken.None);
        var crowd = Enumerable.Range(0, 1000).Select(_ => gate.EnterAsync("crowd", Patience, CancellationToken.None).AsTask()).ToList();
        var single = gate.EnterAsync("single", Patience, CancellationToken.None).AsTask();
        Assert.Equal(1001, gate.Waiting);

        first.Dispose();
        (await crowd[0]).Dispose();
        var place = await single;

        Assert.Equal(999, gate.Waiting);
        Assert.DoesNotContain(crowd.Skip(1), t => t.IsCompleted);
        place.Dispose();
        foreach (var waiting in crowd.Skip(1))
        {
            (await waiting).Dispose();
        }

        Assert.Equal(0, gate.Waiting);
    }

    [Fact]
    public async Task A_caller_has_only_so_many_places_though_others_are_free()
    {
        using var gate = new QueryGate(most: 10, mostPerCaller: 2, mostWaiting: 10, new TestClock());
        var a = await gate.EnterAsync("a", Patience, CancellationToken.None);
        using var b = await gate.EnterAsync("a", Patience, CancellationToken.None);
        var third = gate.EnterAsync("a", Patience, CancellationToken.None).AsTask();
        using var other = await gate.EnterAsync("b", Patience, CancellationToken.None);
        Assert.False(third.IsCompleted);
        a.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task Who_waits_too_long_or_gives_up_leaves_the_queue()
    {
        var clock = new TestClock();
        using var gate = new QueryGate(most: 1, mostPerCaller: 1, mostWaiting: 10, clock);
        var place = await gate.EnterAsync("a", Patience, CancellationToken.None);
        var late = gate.EnterAsync("b", Patience, CancellationToken.None).AsTask();
        using var given = new CancellationTokenSource();
        var gone = gate.EnterAsync("c", Patience, given.Token).AsTask();

        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.Equal(1, gate.Waiting);
        clock.Advance(Patience);
        Assert.Equal("timeout", (await Assert.ThrowsAsync<ApiException>(() => late)).ErrorType);
        Assert.Equal(0, gate.Waiting);
        place.Dispose();
        (await gate.EnterAsync("d", Patience, CancellationToken.None)).Dispose();
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once()
    {
        using var gate = new QueryGate(most: 1, mostPerCaller: 1, mostWaiting: 1, new TestClock());
        using var place = await gate.EnterAsync("a", Patience, CancellationToken.None);
        using var given = new CancellationTokenSource();
        var waiting = gate.EnterAsync("a", Patience, given.Token).AsTask();
        var refusal = await Assert.ThrowsAsync<ApiException>(async () => await gate.EnterAsync("b", Patience, CancellationToken.None));
        Assert.Equal(503, refusal.StatusCode);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
