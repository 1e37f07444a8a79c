using Microsoft.AspNetCore.Http;

namespace Flyball.Server.PrometheusApi;

/// <summary>The body of an answer while it is written. Unless it gets very long its length is known before it is sent, and a client that is
/// told the length reads it in one go instead of chunk by chunk.</summary>
/// <remarks>Used by one thread at a time; dispose it.</remarks>
internal sealed class AnswerBody : IDisposable
{
    // Above this it is sent while it is written.
    private const long MostHeld = 16 << 20;
    private const int FirstBytes = 8 * 1024;

    private readonly HttpResponse _response;
    private readonly List<AnswerBuffer> _held = [];
    private AnswerBuffer _open = new(FirstBytes);
    private long _bytes;
    private bool _isSending;

    /// <summary>Begins the body of a response that has not been started.</summary>
    public AnswerBody(HttpResponse response)
    {
        _response = response;
        Writer = new AnswerWriter(_open);
    }

    /// <summary>Writes what comes next.</summary>
    public AnswerWriter Writer { get; private set; }

    /// <summary>Takes over text that comes next.</summary>
    public void Add(AnswerBuffer text)
    {
        Close();
        Hold(text);
    }

    /// <summary>Sends what there is, if that is a lot; waits while the client reads more slowly than we write.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask SendIfLongAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isSending || _bytes > MostHeld)
        {
            _isSending = true;
            await SendAsync(cancellationToken);
        }
    }

    /// <summary>Sends the rest.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Close();
        if (!_isSending)
        {
            _response.ContentLength = _bytes;
        }

        await SendAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _held.ForEach(t => t.Dispose());
        _held.Clear();
        _open.Dispose();
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        foreach (var text in _held)
        {
            await _response.BodyWriter.WriteAsync(text.Written, cancellationToken);
            text.Dispose();
        }

        _held.Clear();
    }

    private void Close()
    {
        Writer.Flush();
        Hold(_open);
        _open = new AnswerBuffer(FirstBytes);
        Writer = new AnswerWriter(_open);
    }

    private void Hold(AnswerBuffer text)
    {
        _bytes += text.Written.Length;
        _held.Add(text);
    }
}
