using System.Globalization;
using System.Text;
using Flyball.Model.Spans;

namespace Flyball.Traces.SpanMetrics;

/// <summary>How many spans a sampled span stands for: by a configured attribute, or by the threshold in its trace state.</summary>
internal sealed class SpanWeight(string? attribute)
{
    private const int ThresholdDigits = 14;

    private readonly byte[]? _attribute = attribute is null ? null : Encoding.UTF8.GetBytes(attribute);

    public double Of(SpanBatch batch, in SpanRow span)
    {
        if (_attribute is not null && (batch.Find(span.Attributes, _attribute) ?? batch.Find(batch.Resources[span.Resource].Attributes, _attribute)) is { } value)
        {
            var probability = value.Kind switch
            {
                AttributeKind.Double => value.Double,
                AttributeKind.Integer => value.Integer,
                _ => 0,
            };
            return probability > 0 ? 1 / probability : 1;
        }

        return span.TraceState.IsEmpty ? 1 : OfTraceState(batch.Text(span.TraceState));
    }

    private static double OfTraceState(string state)
    {
        foreach (var member in state.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!member.StartsWith("ot=", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var part in member[3..].Split(';'))
            {
                if (part.StartsWith("th:", StringComparison.Ordinal) && part.Length is > 3 and <= 3 + ThresholdDigits
                    && ulong.TryParse(part[3..].PadRight(ThresholdDigits, '0'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var threshold))
                {
                    const double All = 1UL << 56;
                    return All / (All - threshold);
                }
            }
        }

        return 1;
    }
}
