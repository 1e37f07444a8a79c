using Flyball.Model.Time;
using Flyball.Templates.Values;

namespace Flyball.Templates.Rules;

/// <summary>Answers a PromQL expression at the time of the expansion.</summary>
/// <exception cref="TemplateFunctionException">The query failed; the message says why.</exception>
public delegate ValueTask<IReadOnlyList<TemplateSample>> TemplateQuery(string expression, CancellationToken cancellationToken);

/// <summary>What a label or annotation template of an alerting rule sees.</summary>
/// <param name="Labels"><c>$labels</c>: the labels of the result that raised the alert.</param>
/// <param name="Value"><c>$value</c>: a <see cref="double"/>, or a histogram that prints itself.</param>
/// <param name="Now">Time of the evaluation.</param>
public sealed record RuleTemplateData(IReadOnlyDictionary<string, string> Labels, object Value, TimestampMs Now)
{
    /// <summary><c>$externalLabels</c>.</summary>
    public IReadOnlyDictionary<string, string> ExternalLabels { get; init; } = new Dictionary<string, string>();

    /// <summary><c>$externalURL</c>: where people reach this server.</summary>
    public string ExternalUrl { get; init; } = "";

    /// <summary>Answers the function <c>query</c>; null = it answers nothing.</summary>
    public TemplateQuery? Query { get; init; }
}

/// <summary>A label or annotation of an alerting rule. Immutable; safe from many threads.</summary>
public sealed class RuleTemplate
{
    private const int MostQueries = 100;

    private static readonly string[] Variables = ["$labels", "$externalLabels", "$externalURL", "$value"];

    // Null when the text has no action: most labels are plain words, and they are expanded at every evaluation.
    private readonly Template? _template;

    private RuleTemplate(string text, Template? template)
    {
        Text = text;
        _template = template;
    }

    /// <summary>Whether it expands to its own text, whatever the data.</summary>
    public bool IsConstant => _template is null;

    /// <summary>The template as written.</summary>
    public string Text { get; }

    /// <summary>A text in which nothing is expanded.</summary>
    public static RuleTemplate Literal(string text) => new(text, template: null);

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">It is no template.</exception>
    public static RuleTemplate Parse(string name, string text, TemplateOptions? options = null)
    {
        if (!text.Contains("{{", StringComparison.Ordinal))
        {
            return new RuleTemplate(text, template: null);
        }

        options = (options ?? new TemplateOptions()) with { Variables = Variables };
        return new RuleTemplate(text, Template.Parse(name, text, RuleFunctions.All, options));
    }

    /// <summary>Fills in the template.</summary>
    /// <exception cref="TemplateException">It failed, or cost more than its limits allow.</exception>
    public ValueTask<string> ExpandAsync(RuleTemplateData data, CancellationToken cancellationToken) =>
        _template is null ? ValueTask.FromResult(Text) : ExecuteAsync(data, data, cancellationToken);

    // For tests of templates whose dot is something else.
    internal async ValueTask<string> ExecuteAsync(object? dot, RuleTemplateData data, CancellationToken cancellationToken)
    {
        // The interpreter is synchronous, queries are not. A template asks for the same answers however often it is
        // executed, so it runs until it needs an answer that is not there, waits for it, and runs again.
        var answers = new Dictionary<string, TemplateVector>();
        var host = new RuleTemplateHost(data, answers);
        dot = ReferenceEquals(dot, data) ? new RuleDot(data) : dot;
        object?[] variables = [data.Labels, data.ExternalLabels, data.ExternalUrl, data.Value];
        while (true)
        {
            try
            {
                return _template!.Execute(dot, variables, host);
            }
            catch (AnswerNeededException needed) when (answers.Count < MostQueries)
            {
                answers[needed.Expression] = await AskAsync(needed.Expression, data, cancellationToken);
            }
        }
    }

    private static async ValueTask<TemplateVector> AskAsync(string expression, RuleTemplateData data, CancellationToken cancellationToken)
    {
        try
        {
            return new TemplateVector(data.Query is null ? [] : await data.Query(expression, cancellationToken));
        }
        catch (TemplateFunctionException e)
        {
            return new FailedVector(e);
        }
    }
}

/// <summary>The dot of a rule template: what older templates use instead of the variables.</summary>
internal sealed class RuleDot(RuleTemplateData data) : ITemplateObject
{
    public string TypeName =>
        "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }";

    public bool TryGetMember(string name, out object? member)
    {
        member = name switch
        {
            "Labels" => data.Labels,
            "ExternalLabels" => data.ExternalLabels,
            "ExternalURL" => data.ExternalUrl,
            "Value" => data.Value,
            _ => null,
        };
        return member is not null;
    }
}

/// <summary>What the functions of a rule template can reach.</summary>
internal sealed class RuleTemplateHost(RuleTemplateData data, Dictionary<string, TemplateVector> answers)
{
    public TimestampMs Now => data.Now;

    public string ExternalUrl => data.ExternalUrl;

    public TemplateVector Query(string expression) => answers.GetValueOrDefault(expression) switch
    {
        null => throw new AnswerNeededException(expression),
        FailedVector failed => throw new TemplateFunctionException(failed.Cause.Message, failed.Cause),
        var answer => answer,
    };
}

/// <summary>The answer of a query that failed; the template fails where it asked.</summary>
internal sealed class FailedVector(TemplateFunctionException cause) : TemplateVector([])
{
    public TemplateFunctionException Cause { get; } = cause;
}

/// <summary>Leaves the interpreter when a template asks for an answer that must be waited for.</summary>
internal sealed class AnswerNeededException(string expression) : Exception
{
    public string Expression { get; } = expression;
}
