namespace Flyball.Traces.TraceQL.Values;

/// <summary>The fixed words of statuses and kinds.</summary>
internal static class Keywords
{
    public static readonly string[] Statuses = ["unset", "ok", "error"];

    public static readonly string[] Kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];

    public static string StatusText(long status) => status >= 0 && status < Statuses.Length ? Statuses[status] : status.ToString();

    public static string KindText(long kind) => kind >= 0 && kind < Kinds.Length ? Kinds[kind] : kind.ToString();

    /// <summary>The constant a bare word stands for.</summary>
    public static Value? Find(string word)
    {
        if (Array.IndexOf(Statuses, word) is var status and >= 0)
        {
            return Value.OfStatus(status);
        }

        if (Array.IndexOf(Kinds, word) is var kind and >= 0)
        {
            return Value.OfKind(kind);
        }

        return word switch
        {
            "true" => Value.Of(true),
            "false" => Value.Of(false),
            "nil" => Value.Nil,
            "minInt" => Value.Of(long.MinValue),
            "maxInt" => Value.Of(long.MaxValue),
            _ => null,
        };
    }
}
