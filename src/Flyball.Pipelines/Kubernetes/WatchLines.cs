using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Flyball.Pipelines.Kubernetes;

/// <summary>Splits a watch into its lines, one event each; a line that is too long is passed over whole.</summary>
internal static class WatchLines
{
    /// <summary>Reads lines until the stream ends. What follows the last line break was cut off and is not told.</summary>
    /// <param name="onTooLong">Called once per line that was passed over.</param>
    /// <returns>Bytes that are valid until the next line is asked for.</returns>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Stream stream, int mostBytes, Action onTooLong, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        var isSkipping = false;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
                if (!isSkipping && line.Length <= mostBytes && line.Length > 0)
                {
                    yield return line.ToArray();
                }
                else if (!isSkipping && line.Length > mostBytes)
                {
                    onTooLong();
                }

                isSkipping = false;
            }

            if (buffer.Length > mostBytes)
            {
                if (!isSkipping)
                {
                    onTooLong();
                }

                isSkipping = true;
                buffer = buffer.Slice(buffer.End);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                await reader.CompleteAsync();
                yield break;
            }
        }
    }
}
