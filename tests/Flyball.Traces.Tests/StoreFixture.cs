using Flyball.Durable.Files;
using Flyball.Model.Spans;
using Flyball.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Traces.Tests;

/// <summary>Opens span stores in a folder of the test's own.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("flyball-traces-").FullName;

    public StoreFixture() => Options = new SpanStoreOptions { Directory = Path.Combine(_directory, "traces") };

    public SpanStoreOptions Options { get; set; }

    public TestClock Clock { get; } = new();

    public Task<SpanStore> OpenAsync(IFileSystem? files = null) => SpanStore.OpenAsync(
        Options, files ?? PhysicalFileSystem.Instance, Clock, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

    public static async Task<string> ReadAsync(SpanStore store, TraceId id) =>
        Spans.Describe(await store.ReadTraceAsync(id, TestContext.Current.CancellationToken));

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
