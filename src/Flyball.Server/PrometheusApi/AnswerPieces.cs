using Flyball.PromQL;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes the series of an answer piece by piece: of a long answer several pieces at once, each by a thread of its own.</summary>
/// <remarks>
/// Writing a million numbers takes longer than computing them. Pieces go out in order:
/// <code>
/// this thread     piece 0 │ piece 2 …
/// another one     piece 1 │ piece 3 …
/// body            0 1     │ 2 3 …
/// </code>
/// </remarks>
/// <param name="write">Writes the points of a series from one index to another, and what stands before the first and behind the last.</param>
internal sealed class AnswerPieces(IReadOnlyList<ResultSeries> series, Action<AnswerWriter, int, int, int> write)
{
    // At most about a quarter of a megabyte of text; what is shorter than the least costs less than asking another thread.
    private const int MostOfPiece = 8192, LeastOfPiece = 2048;
    private const int BytesOfPiece = 256 * 1024;

    // What labels cost, in points.
    private const int CostOfLabels = 8;
    private const int MostThreads = 4;

    private readonly int _threads = Math.Min(MostThreads, Environment.ProcessorCount);
    private int _pieceCost = MostOfPiece;
    private Place _next;

    private bool IsDone => _next.Series == series.Count;

    /// <summary>Writes all series, separated by commas.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask WriteAsync(AnswerBody body, CancellationToken cancellationToken)
    {
        _pieceCost = (int)Math.Clamp((series.Sum(s => s.Count + (long)CostOfLabels) / _threads) + 1, LeastOfPiece, MostOfPiece);
        while (!IsDone)
        {
            var own = NextPiece();
            if (IsDone && own.From == default)
            {
                Write(body.Writer, own);
                return;
            }

            var others = new List<Task<AnswerBuffer>>();
            for (var i = 1; i < _threads && !IsDone; i++)
            {
                var piece = NextPiece();
                others.Add(Task.Run(() => WritePiece(piece), CancellationToken.None));
            }

            body.Add(WritePiece(own));
            foreach (var text in await Task.WhenAll(others))
            {
                body.Add(text);
            }

            await body.SendIfLongAsync(cancellationToken);
        }
    }

    private Piece NextPiece()
    {
        var from = _next;
        for (var left = _pieceCost; left > 0 && !IsDone;)
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

    private AnswerBuffer WritePiece(Piece piece)
    {
        var text = new AnswerBuffer(BytesOfPiece);
        var json = new AnswerWriter(text);
        Write(json, piece);
        json.Flush();
        return text;
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
