using System.Globalization;
using Flyball.Model.Histograms;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Testing;

/// <summary>Reads the values of a series description: <c>1</c>, <c>_x3</c>, <c>1+2x5</c>, <c>stale</c>, <c>{{count:1}}+{{count:1}}x3</c>.</summary>
internal static class SequenceReader
{
    private const int MostRepeats = 1_000_000;

    public static void ReadItem(ScriptReader reader, List<SequenceItem> items)
    {
        if (reader.Text.AsSpan(reader.At).StartsWith("{{"))
        {
            ReadHistograms(reader, items);
        }
        else if (reader.Take("_"))
        {
            Repeat(items, new SequenceItem(0, IsGap: true), reader.Take("x") ? ReadCount(reader) : 1);
        }
        else if (reader.Take("stale"))
        {
            Repeat(items, new SequenceItem(StaleMarker.Value), reader.Take("x") ? ReadCount(reader) + 1 : 1);
        }
        else
        {
            ReadNumbers(reader, items);
        }
    }

    /// <summary>Reads a number with an optional sign.</summary>
    public static double ReadNumber(ScriptReader reader)
    {
        var negative = reader.Current == '-';
        if (reader.Current is '+' or '-')
        {
            reader.At++;
        }

        var text = reader.Current is >= '0' and <= '9' or '.' ? ReadDigits(reader) : reader.While(c => char.IsAsciiLetter(c) && c != 'x');
        var value = text.ToLowerInvariant() switch
        {
            "inf" => double.PositiveInfinity,
            "nan" => StaleMarker.NormalNaN,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw reader.Unexpected("series values"),
        };
        return negative ? -value : value;
    }

    private static string ReadDigits(ScriptReader reader)
    {
        var start = reader.At;
        reader.While(c => char.IsAsciiDigit(c) || c is '.' or '_');
        if (reader.Current is 'e' or 'E')
        {
            reader.At++;
            if (reader.Current is '+' or '-')
            {
                reader.At++;
            }

            reader.While(char.IsAsciiDigit);
        }

        return reader.Text[start..reader.At].Replace("_", "", StringComparison.Ordinal);
    }

    private static void ReadNumbers(ScriptReader reader, List<SequenceItem> items)
    {
        var value = ReadNumber(reader);
        if (reader.Take("x"))
        {
            Repeat(items, new SequenceItem(value), ReadCount(reader) + 1);
            return;
        }

        if (reader.Current is not ('+' or '-'))
        {
            items.Add(new SequenceItem(value));
            return;
        }

        var increment = ReadNumber(reader);
        reader.Require("x");
        for (var count = ReadCount(reader); count >= 0; count--)
        {
            items.Add(new SequenceItem(value));
            value += increment;
        }
    }

    private static int ReadCount(ScriptReader reader)
    {
        var digits = reader.While(char.IsAsciiDigit);
        return int.TryParse(digits, out var count) && count <= MostRepeats
            ? count
            : throw reader.Fail($"invalid repetition in series values: {Syntax.GoQuoting.Quote(digits)}");
    }

    private static void Repeat(List<SequenceItem> items, SequenceItem item, int count)
    {
        for (var i = 0; i < count; i++)
        {
            items.Add(item);
        }
    }

    private static void ReadHistograms(ScriptReader reader, List<SequenceItem> items)
    {
        var first = HistogramReader.Read(reader, out var hint);
        if (reader.Take("x"))
        {
            Repeat(items, new SequenceItem(0, first, HintGiven: hint), ReadCount(reader) + 1);
            return;
        }

        if (reader.Current is not ('+' or '-'))
        {
            items.Add(new SequenceItem(0, first, HintGiven: hint));
            return;
        }

        var subtract = reader.Current == '-';
        reader.At++;
        var increment = HistogramReader.Read(reader, out hint);
        reader.Require("x");
        var count = ReadCount(reader);
        items.Add(new SequenceItem(0, first, HintGiven: hint));
        for (var i = 0; i < count; i++)
        {
            if (first.Schema > increment.Schema)
            {
                throw reader.Fail($"error combining histograms: cannot merge from schema {increment.Schema} to {first.Schema}");
            }

            first = HistogramArithmetic.TryCombine(first, increment, subtract)?.Value
                ?? throw reader.Fail("error combining histograms: incompatible schemas");
            items.Add(new SequenceItem(0, first, HintGiven: hint));
        }
    }
}

/// <summary>Reads one histogram: <c>{{schema:1 count:3 sum:4 buckets:[1 2] offset:1}}</c>.</summary>
internal static class HistogramReader
{
    private static readonly string[] Keys =
    [
        "schema", "sum", "count", "z_bucket", "z_bucket_w", "buckets", "offset", "n_buckets", "n_offset", "custom_values",
        "counter_reset_hint",
    ];

    public static NativeHistogram Read(ScriptReader reader, out bool hintGiven)
    {
        reader.Require("{{");
        var numbers = new Dictionary<string, double>();
        var lists = new Dictionary<string, double[]>();
        CounterResetHint? hint = null;
        if (reader.AtSpace && !reader.Text[reader.At..].TrimStart().StartsWith("}}", StringComparison.Ordinal))
        {
            throw reader.Unexpected("series values");
        }

        reader.SkipSpace();
        while (!reader.Take("}}"))
        {
            var start = reader.At;
            var key = reader.While(c => char.IsAsciiLetter(c) || c == '_');
            if (!Keys.Contains(key))
            {
                reader.At = start;
                throw reader.Fail("bad histogram descriptor found: " + Syntax.GoQuoting.Quote(key));
            }

            if (!reader.Take(":"))
            {
                reader.At = start;
                throw reader.Fail("missing `:` for histogram descriptor");
            }

            var isNew = key switch
            {
                "counter_reset_hint" => hint is null && (hint = ReadHint(reader)) is not null,
                "buckets" or "n_buckets" or "custom_values" => lists.TryAdd(key, ReadList(reader)),
                _ => numbers.TryAdd(key, SequenceReader.ReadNumber(reader)),
            };
            if (!isNew)
            {
                reader.At = 0;
                throw reader.Fail($"duplicate key {Syntax.GoQuoting.Quote(key)} in histogram");
            }

            reader.SkipSpace();
        }

        hintGiven = hint is not null;
        return Build(numbers, lists, hint ?? CounterResetHint.Unknown);
    }

    private static NativeHistogram Build(Dictionary<string, double> numbers, Dictionary<string, double[]> lists, CounterResetHint hint)
    {
        var positive = lists.GetValueOrDefault("buckets") ?? [];
        var negative = lists.GetValueOrDefault("n_buckets") ?? [];
        BucketSpan[] Spans(double[] buckets, string offset) =>
            buckets.Length == 0 ? [] : [new BucketSpan((int)numbers.GetValueOrDefault(offset), (uint)buckets.Length)];
        return new NativeHistogram
        {
            Schema = (int)numbers.GetValueOrDefault("schema"),
            Sum = numbers.GetValueOrDefault("sum"),
            Count = numbers.GetValueOrDefault("count"),
            ZeroCount = numbers.GetValueOrDefault("z_bucket"),
            ZeroThreshold = numbers.GetValueOrDefault("z_bucket_w"),
            CustomBounds = lists.GetValueOrDefault("custom_values") ?? [],
            PositiveBuckets = positive,
            PositiveSpans = Spans(positive, "offset"),
            NegativeBuckets = negative,
            NegativeSpans = Spans(negative, "n_offset"),
            ResetHint = hint,
        };
    }

    private static CounterResetHint ReadHint(ScriptReader reader)
    {
        var start = reader.At;
        var word = reader.While(c => char.IsAsciiLetter(c) || c == '_');
        switch (word)
        {
            case "unknown":
                return CounterResetHint.Unknown;
            case "reset":
                return CounterResetHint.Reset;
            case "not_reset":
                return CounterResetHint.NotReset;
            case "gauge":
                return CounterResetHint.Gauge;
            default:
                reader.At = start;
                throw reader.Fail("bad histogram descriptor found: " + Syntax.GoQuoting.Quote(word));
        }
    }

    private static double[] ReadList(ScriptReader reader)
    {
        reader.Require("[");
        if (reader.AtSpace)
        {
            throw reader.Unexpected("series values");
        }

        var values = new List<double>();
        while (!reader.Take("]"))
        {
            values.Add(SequenceReader.ReadNumber(reader));
            reader.SkipSpace();
        }

        return [.. values];
    }
}
