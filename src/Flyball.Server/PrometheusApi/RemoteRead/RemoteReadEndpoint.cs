using System.Buffers;
using Flyball.Metrics.PrometheusBlocks;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Text;
using Flyball.Model.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi.RemoteRead;

/// <summary><c>POST /api/v1/read</c>: series for another Prometheus that queries through itself. Prometheus remote-read specification.</summary>
internal sealed class RemoteReadEndpoint(ISeriesSource source, Func<LabelSet> externalLabels, RemoteReadLimits limits) : IDisposable
{
    private const string StreamedType = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";
    private const int MostRequestBytes = 32 << 20;

    private readonly SemaphoreSlim _places = new(limits.Concurrency, limits.Concurrency);

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/read", AnswerAsync);

    public void Dispose() => _places.Dispose();

    private async Task AnswerAsync(HttpContext context)
    {
        await _places.WaitAsync(context.RequestAborted);
        try
        {
            var request = await ReadAsync(context);
            if (request.WantsChunks)
            {
                await StreamAsync(context, request);
            }
            else
            {
                await AnswerSamplesAsync(context, request);
            }
        }
        catch (ApiException e)
        {
            context.Response.StatusCode = e.StatusCode;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(e.Message + "\n", CancellationToken.None);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client hung up: there is nobody to answer.
        }
        finally
        {
            _places.Release();
        }
    }

    private static async Task<ReadRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        try
        {
            var message = new ArrayBufferWriter<byte>();
            Snappy.Decode(body.GetBuffer().AsSpan(0, (int)body.Length), MostRequestBytes, message);
            return ReadRequest.Read(message.WrittenSpan);
        }
        catch (InvalidDataException e)
        {
            // Prometheus' words, which clients have seen for years; ours say where.
            throw ApiException.BadData($"snappy: corrupt input ({e.Message})");
        }
        catch (Exception e) when (e is WireFormatException or RegexSyntaxException)
        {
            throw ApiException.BadData($"the request cannot be read: {e.Message}");
        }
    }

    private async Task AnswerSamplesAsync(HttpContext context, ReadRequest request)
    {
        var response = new WireWriter();
        long left = limits.Samples == 0 ? long.MaxValue : limits.Samples;
        using var samples = new SampleColumns();
        foreach (var query in request.Queries)
        {
            var result = response.Begin(1);
            using var selection = Open(query, out var external, context.RequestAborted);
            for (var i = 0; i < selection.Count; i++)
            {
                samples.Clear();
                selection.Read(i, samples, context.RequestAborted);
                left -= samples.Count;
                if (left < 0)
                {
                    throw ApiException.BadData($"exceeded sample limit ({limits.Samples}); narrow the query, raise --storage.remote.read-sample-limit or read streamed chunks");
                }

                if (samples.Count > 0)
                {
                    SamplesAnswer.WriteSeries(response, WithExternal(selection.Labels(i), external), samples);
                }
            }

            response.End(result);
        }

        var body = new ArrayBufferWriter<byte>();
        Snappy.Encode(response.Written, body);
        context.Response.ContentType = "application/x-protobuf";
        context.Response.Headers.ContentEncoding = "snappy";
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    private async Task StreamAsync(HttpContext context, ReadRequest request)
    {
        context.Response.ContentType = StreamedType;
        var frames = new ChunkFrames(context.Response.Body, limits.FrameBytes);
        using var samples = new SampleColumns();
        for (var q = 0; q < request.Queries.Count; q++)
        {
            using var selection = Open(request.Queries[q], out var external, context.RequestAborted);
            for (var i = 0; i < selection.Count; i++)
            {
                samples.Clear();
                selection.Read(i, samples, context.RequestAborted);
                await frames.WriteAsync(q, WithExternal(selection.Labels(i), external), PackedChunk.Pack(samples), context.RequestAborted);
            }
        }
    }

    // Callers ask with the external labels of this server among their matchers, and want them on what they get; the store has neither.
    private ISeriesSelection Open(SeriesQuery query, out LabelSet external, CancellationToken cancellationToken)
    {
        var labels = externalLabels();
        external = labels;
        var matchers = query.Matchers.Where(m => m.Op != MatchOp.Equal || labels[m.Name].Length == 0 || labels[m.Name] != m.Value);
        return source.Select(query with { Matchers = [.. matchers] }, cancellationToken);
    }

    private static LabelSet WithExternal(LabelSet series, LabelSet external)
    {
        if (external.IsEmpty)
        {
            return series;
        }

        var builder = new LabelSetBuilder().Start(series);
        foreach (var (name, value) in external.AsPairs().Where(l => series[l.Key].Length == 0))
        {
            builder.Set(name, value);
        }

        return builder.Build();
    }
}
