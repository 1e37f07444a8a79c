namespace Flyball.Step.Contexts;

/// <summary>Where in which trace something happens, as W3C Trace Context writes it down.</summary>
/// <param name="TraceId">32 lower-case hex digits.</param>
/// <param name="SpanId">16 lower-case hex digits.</param>
/// <param name="Flags">Bit 0 sampled, bit 1 random trace id; the others are not passed on.</param>
/// <param name="TraceState">Member list of other vendors; "" when there is none.</param>
internal sealed record SpanContext(string TraceId, string SpanId, int Flags, string TraceState)
{
    /// <summary>The flags of a trace that begins here: sampled.</summary>
    public const int Sampled = 1;

    private const int KnownFlags = 3;
    private const int Length = 55;
    private const int TraceAt = 3;
    private const int SpanAt = 36;
    private const int FlagsAt = 53;

    /// <summary>Reads a <c>traceparent</c>.</summary>
    /// <returns>Null for anything the specification calls invalid: then a trace begins anew, and the trace state is void.</returns>
    /// <remarks>W3C Trace Context, level 2, "traceparent header field values" and "versioning of traceparent".</remarks>
    public static SpanContext? Parse(string? traceParent, string? traceState)
    {
        if (traceParent is null || traceParent.Length < Length
            || traceParent[2] != '-' || traceParent[35] != '-' || traceParent[52] != '-'
            || !IsLowerHex(traceParent.AsSpan(0, 2)) || !IsLowerHex(traceParent.AsSpan(FlagsAt, 2)))
        {
            return null;
        }

        // A later version may append fields; version 00 may not, and ff is forbidden.
        var isKnownVersion = traceParent.StartsWith("00", StringComparison.Ordinal);
        if (traceParent.StartsWith("ff", StringComparison.Ordinal)
            || (traceParent.Length > Length && (isKnownVersion || traceParent[Length] != '-')))
        {
            return null;
        }

        var trace = traceParent.AsSpan(TraceAt, 32);
        var span = traceParent.AsSpan(SpanAt, 16);
        if (!IsId(trace) || !IsId(span))
        {
            return null;
        }

        var flags = Convert.ToInt32(traceParent.Substring(FlagsAt, 2), 16) & KnownFlags;
        return new SpanContext(trace.ToString(), span.ToString(), flags, TraceStateText.Clean(traceState));
    }

    /// <summary>This trace, another span of it.</summary>
    public SpanContext WithSpan(string spanId) => this with { SpanId = spanId };

    /// <summary>The <c>traceparent</c> to hand on.</summary>
    public string ToTraceParent() => $"00-{TraceId}-{SpanId}-{Flags:x2}";

    private static bool IsId(ReadOnlySpan<char> hex) => IsLowerHex(hex) && hex.IndexOfAnyExcept('0') >= 0;

    // Plain loops here and below: a search table for 55 characters would cost more to build than it saves.
    private static bool IsLowerHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The <c>tracestate</c> rules: what is kept, and when the whole of it is dropped.</summary>
internal static class TraceStateText
{
    private const int MostMembers = 32;

    /// <summary>The list without blanks and empty members; "" if any member is invalid or there are more than 32.</summary>
    public static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var members = new List<string>();
        foreach (var part in text.Split(','))
        {
            var member = part.Trim(' ', '\t');
            if (member.Length == 0)
            {
                continue;
            }

            if (!IsMember(member) || members.Count == MostMembers)
            {
                return "";
            }

            members.Add(member);
        }

        return string.Join(',', members);
    }

    private static bool IsMember(string member)
    {
        var equals = member.IndexOf('=', StringComparison.Ordinal);
        return equals is > 0 and <= 256
            && member.Length - equals - 1 is >= 1 and <= 256
            && IsKey(member.AsSpan(0, equals))
            && IsValue(member.AsSpan(equals + 1));
    }

    private static bool IsKey(ReadOnlySpan<char> key)
    {
        var ats = 0;
        foreach (var c in key)
        {
            ats += c == '@' ? 1 : 0;
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('_' or '-' or '*' or '/' or '@'))
            {
                return false;
            }
        }

        return ats <= 1 && (char.IsAsciiLetterLower(key[0]) || char.IsAsciiDigit(key[0]));
    }

    private static bool IsValue(ReadOnlySpan<char> value)
    {
        foreach (var c in value)
        {
            if (c is < ' ' or > '~' or ',' or '=')
            {
                return false;
            }
        }

        return value[^1] != ' ';
    }
}
