using System.Buffers;
using System.IO.Pipelines;
using Flyball.PromQL;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes the series of an answer piece by piece: of a long answer several pieces at once, each by a thread of its own.</summary>
/// <remarks>
/// Writing a million numbers takes longer than computing them. Pieces go out in order:
/// <code>
/// this thread     piece 0 ─▶ response, piece 1 ─▶ response ─▶ send │ piece 2 …
/// another one     piece 1 ─▶ memory                                │ piece 3 …
/// </code>
/// </remarks>
/// <param name="write">Writes the points of a series from one index to another, and what stands before the first and behind the last.</param>
internal sealed class AnswerPieces(PipeWriter response, IReadOnlyList<ResultSeries> series, Action<AnswerWriter, int, int, int> write)
{
    // About a quarter of a megabyte of text; below two of them a second thread costs more than it saves.
    private const int PointsOfPiece = 8192;
    // What labels cost, in points.
    private const int CostOfLabels = 8;
    private const int MostThreads = 4;

    private Place _next;

    private bool IsDone => _next.Series == series.Count;

    /// <summary>Writes and sends all series, separated by commas.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask WriteAsync(AnswerWriter json, CancellationToken cancellationToken)
    {
        while (!IsDone)
        {
            var own = NextPiece();
            var others = new List<(Task Done, PieceBuffer Text)>();
            for (var i = 1; i < Math.Min(MostThreads, Environment.ProcessorCount) && !IsDone; i++)
            {
                var text = new PieceBuffer();
                var piece = NextPiece();
                others.Add((Task.Run(() => WritePiece(text, piece), CancellationToken.None), text));
            }

            Write(json, own);
            await Task.WhenAll(others.Select(o => o.Done));
            foreach (var (_, text) in others)
            {
                json.Raw(text.Written);
                text.Dispose();
            }

            json.Flush();
            await response.FlushAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private Piece NextPiece()
    {
        var from = _next;
        for (var left = PointsOfPiece; left > 0 && !IsDone;)
        {
            var one = series[_next.Series];
            var points = one.Count - _next.Point;
            if (one.Histograms is null && points > left)
            {
                _next = new Place(_next.Series, _next.Point + left);
                break;
            }

            left -= points + CostOfLabels;
            _next = new Place(_next.Series + 1, 0);
        }

        return new Piece(from, _next);
    }

    private void WritePiece(PieceBuffer to, Piece piece)
    {
        var json = new AnswerWriter(to);
        Write(json, piece);
        json.Flush();
    }

    private void Write(AnswerWriter json, Piece piece)
    {
        for (var at = piece.From; at != piece.Until;)
        {
            var isLast = at.Series == piece.Until.Series;
            write(json, at.Series, at.Point, isLast ? piece.Until.Point : series[at.Series].Count);
            at = isLast ? piece.Until : new Place(at.Series + 1, 0);
        }
    }

    private readonly record struct Place(int Series, int Point);

    private readonly record struct Piece(Place From, Place Until);
}

/// <summary>Text on its way, in pooled memory.</summary>
internal sealed class PieceBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(256 * 1024);
    private int _used;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _used);

    public void Advance(int count) => _used += count;

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_bytes.Length - _used < Math.Max(1, sizeHint))
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _used + sizeHint));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsMemory(_used);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }
}
