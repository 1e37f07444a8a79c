namespace Flyball.Ingest.Exposition;

/// <summary>Builds the messages of rejected bodies.</summary>
internal static class ExpositionError
{
    /// <summary>The error for a token that may not stand where it does.</summary>
    /// <param name="tokenStart">Where the offending token starts.</param>
    /// <param name="at">The first byte not consumed; it is quoted too, because it is often the culprit.</param>
    public static ExpositionFormatException Unexpected(
        string expected, ExpositionToken got, ReadOnlySpan<byte> body, int lineStart, int tokenStart, int at)
    {
        var end = Math.Min(at + 1, body.Length);
        return new ExpositionFormatException(
            $"{expected}, got {GoText.Quote(body[tokenStart..end])} (\"{got.NameOf()}\") while parsing: {GoText.Quote(body[lineStart..end])}");
    }

    /// <summary>The error for a token that is no value.</summary>
    public static ExpositionFormatException Because(string problem, ReadOnlySpan<byte> soFar) =>
        new($"{problem} while parsing: {GoText.Quote(soFar)}");
}
