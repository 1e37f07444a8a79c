using Flyball.Templates.Notifications;
using Flyball.Templates.Values;
using Flyball.Testing;

namespace Flyball.Templates.Tests;

public sealed class NotificationFunctionsTests
{
    private static readonly Dictionary<string, object?> Data = new()
    {
        ["Labels"] = new LabelDictionary([new("severity", "page"), new("alertname", "Down"), new("job", "a")]),
        ["At"] = new GoTime(TestClock.DefaultStart.AddMinutes(-90)),
    };

    [Theory]
    [InlineData("{{ .Labels.alertname }} {{ .Labels.none }}|{{ len .Labels }}", "Down |3")]
    [InlineData("{{ range .Labels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}", "alertname=Down job=a severity=page ")]
    [InlineData("{{ join \",\" .Labels.Names }} {{ .Labels.Values | join \",\" }}", "alertname,job,severity Down,a,page")]
    [InlineData("{{ (.Labels.Remove (stringSlice \"job\")).Names }}", "[alertname severity]")]
    [InlineData("{{ .Labels }}", "map[alertname:Down job:a severity:page]")]
    [InlineData("{{ \"aa bb CC\" | title }} {{ \" x \" | trimSpace }} {{ toUpper \"a\" }}", "Aa Bb Cc x A")]
    [InlineData("{{ .At | date \"2006-01-02 15:04:05 MST\" }}", "2026-01-05 10:30:00 UTC")]
    [InlineData("{{ .At | tz \"Europe/Paris\" | date \"15:04\" }}", "11:30")]
    [InlineData("{{ since .At }} {{ since .At | humanizeDuration }}", "1h30m0s 1h 30m 0s")]
    [InlineData("{{ now.Year }} {{ (toDate \"2006-01-02\" \"2024-02-29\").YearDay }}", "2026 60")]
    [InlineData("{{ toJson (dict \"b\" 1 \"a\" (list \"x\" 2.5 nil)) }}", "{\"a\":[\"x\",2.5,null],\"b\":1}")]
    [InlineData("{{ append (list 1 2) 3 }}", "[1 2 3]")]
    [InlineData("{{ base64encode \"hi\" }} {{ base64decode \"aGk=\" }}", "aGk= hi")]
    [InlineData("{{ urlUnescape \"a%20b+c\" }} {{ reReplaceAll \"(.)b\" \"$1\" \"ab\" }} {{ match \"^a\" \"ab\" }}", "a b c a true")]
    public void Functions_do_as_Alertmanagers(string text, string expected) => Assert.Equal(expected, Execute(text));

    [Theory]
    [InlineData("{{ mustToDate \"2006-01-02\" \"nope\" }}")]
    [InlineData("{{ base64decode \"!\" }}")]
    [InlineData("{{ tz \"Nowhere/Atall\" .At }}")]
    [InlineData("{{ dict \"a\" }}")]
    [InlineData("{{ date \"2006\" \"x\" }}")]
    public void Refusals_are_errors_of_the_template(string text) => Assert.Throws<TemplateException>(() => Execute(text));

    private static string Execute(string text) => Template.Parse("n", text, NotificationFunctions.For(new TestClock())).Execute(Data);
}
