using System.Text;
using Flyball.Model.Time;
using Flyball.Templates.Rules;
using Flyball.Templates.Values;

namespace Flyball.Alerting.Tests.Peers;

/// <summary>The real promtool expands templates and must get what we get.</summary>
public sealed class PromtoolTests
{
    private static readonly string[] Templates =
    [
        "{{ $value }} {{ .Value | printf \"%.3f\" }} {{ $labels.job | toUpper }} {{ $labels.none }}|",
        "{{ $value | humanize }} {{ $value | humanize1024 }} {{ $value | humanizeDuration }} {{ $value | humanizePercentage }}",
        "{{ humanizeTimestamp 1435065584.128 }} {{ humanizeDuration 0.0123 }} {{ humanize 0.00012 }} {{ humanize1024 -99999999 }}",
        "{{ printf \"%5d|%-5d|%05d|%x|%o|%q|%v|%t\" 42 42 42 255 8 \"a\\\"b\" nil true }}",
        "{{ printf \"%8.2f|%-8.2f|%e|%g|%+d|%c|%U\" 3.14159 2.5 123456.789 1e21 7 65 0x1F600 }}",
        "{{ printf \"%d %s %!\" \"x\" 5 }}{{ printf \"%[2]v %[1]v\" 1 2 }}{{ printf \"%d\" 1 2 }}",
        "{{ if and (eq $labels.job \"api\") (gt $value 1.5) }}yes{{ else }}no{{ end }}",
        "{{ if or false \"\" nil }}a{{ else if not 0 }}b{{ end }}",
        "{{ range $i, $e := (query \"up\") }}{{ $i }}:{{ $e.Labels.job }}={{ $e.Value }};{{ end }}",
        "{{ with query \"up\" | first }}{{ .Value }} {{ . | label \"job\" }}{{ end }}",
        "{{ range query \"up\" | sortByLabel \"job\" }}{{ . | value }} {{ end }}",
        "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }} {{- \" trimmed\" -}}   !",
        "{{ define \"t\" }}<{{ .arg0 }}>{{ end }}{{ template \"t\" (args 1 2) }}",
        "{{ reReplaceAll \"(.*)p(.*)\" \"$2-${1}x\" \"api\" }} {{ match \"^a\" \"api\" }} {{ title \"a-b c_d\" }}",
        "{{ \"a.b.example.com:80\" | stripPort }} {{ \"a.b:80\" | stripDomain }} {{ parseDuration \"1h30m\" }}",
        "{{ slice \"abcdef\" 1 3 }} {{ len \"héé\" }} {{ index (query \"up\") 0 | value }} {{ html \"<&'>\" }} {{ js \"it's\" }} {{ urlquery \"a b/ü\" }}",
        "{{ lt 1 2 }} {{ le 2.0 2.0 }} {{ ne \"a\" \"b\" }} {{ eq 3 1 2 3 }} {{ ge \"b\" \"a\" }}",
        "{{ 1_000 }} {{ 1e3 }} {{ 'x' }} {{ `raw\\n` }} {{ \"\\u00e9\" }} {{ -5 }} {{ .5 }}",
        "{{ graphLink \"up{a=\\\"b\\\"}\" }} {{ tableLink \"a+b\" }}",
        "{{ gt $value 1 }}",
        "{{ .Nope }}",
        "{{ first (query \"absent_thing\") }}",
        "{{ humanize \"x\" }}",
        "{{ 1 | printf \"%s\" }} {{ print 1 2 \"a\" \"b\" 3 }} {{ println \"x\" }}",
    ];

    [Fact]
    public async Task Every_template_expands_as_promtool_expands_it()
    {
        var folder = Directory.CreateTempSubdirectory("flyball-promtool-").FullName;
        try
        {
            var expected = new StringBuilder();
            var annotations = new StringBuilder();
            for (var i = 0; i < Templates.Length; i++)
            {
                var text = await ExpandAsync(Templates[i]);
                if (text is not null)
                {
                    annotations.Append($"      a{i}: {Quote(Templates[i])}\n");
                    expected.Append($"        a{i}: {Quote(text)}\n");
                }
            }

            await File.WriteAllTextAsync(Path.Combine(folder, "rules.yml"),
                "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations:\n" + annotations, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "test.yml"),
                "rule_files: [rules.yml]\ntests:\n- interval: 1m\n  external_url: http://flyball.test/x\n  input_series: [{series: 'up{job=\"api\"}', values: '2.5'}]\n"
                + "  alert_rule_test:\n  - eval_time: 0m\n    alertname: A\n    exp_alerts:\n    - exp_labels: {job: api}\n      exp_annotations:\n" + expected,
                TestContext.Current.CancellationToken);
            var (exitCode, output, errors) = await PeerProcess.RunAsync("promtool", "test", "rules", Path.Combine(folder, "test.yml"));
            Assert.True(exitCode == 0, output + errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Null for a failure: its text names places that differ by Prometheus' prelude.
    private static async Task<string?> ExpandAsync(string text)
    {
        var labels = new Dictionary<string, string> { ["__name__"] = "up", ["job"] = "api" };
        var data = new RuleTemplateData(labels, 2.5, new TimestampMs(0))
        {
            ExternalUrl = "http://flyball.test/x",
            Query = (query, _) => ValueTask.FromResult<IReadOnlyList<TemplateSample>>(query == "up" ? [new TemplateSample(labels, 2.5)] : []),
        };
        try
        {
            return await RuleTemplate.Parse("__alert_A", text).ExpandAsync(data, TestContext.Current.CancellationToken);
        }
        catch (Flyball.Templates.TemplateException)
        {
            return null;
        }
    }

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
