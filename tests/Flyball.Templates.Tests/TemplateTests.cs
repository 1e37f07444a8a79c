namespace Flyball.Templates.Tests;

/// <summary>The language itself, beside what Go prints for the same text.</summary>
public sealed class TemplateTests
{
    private static readonly Dictionary<string, object?> Data = new()
    {
        ["n"] = 3L,
        ["f"] = 1000000.0,
        ["s"] = "text",
        ["empty"] = "",
        ["list"] = new object?[] { "a", "b", "c" },
        ["map"] = new Dictionary<string, string> { ["z"] = "last", ["a"] = "first" },
    };

    [Theory]
    [InlineData("{{if .n}}yes{{else}}no{{end}}", "yes")]
    [InlineData("{{if .empty}}yes{{else if eq .n 3}}three{{else}}no{{end}}", "three")]
    [InlineData("{{with .empty}}x{{else with .s}}{{.}}{{end}}", "text")]
    [InlineData("{{range .list}}{{.}}{{end}}", "abc")]
    [InlineData("{{range $i, $x := .list}}{{$i}}{{$x}}{{end}}", "0a1b2c")]
    [InlineData("{{range $k, $v := .map}}{{$k}}={{$v}} {{end}}", "a=first z=last ")]
    [InlineData("{{range .empty}}x{{else}}none{{end}}", null)]
    [InlineData("{{range .list}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac")]
    [InlineData("{{range .list}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a")]
    [InlineData("{{range 3}}{{.}}{{end}}", "012")]
    [InlineData("{{$x := 1}}{{range .list}}{{$x = .}}{{end}}{{$x}}", "c")]
    [InlineData("a {{- .s -}} b", "atextb")]
    [InlineData("a{{/* nothing */}}b{{- /* nothing */ -}} c", "abc")]
    [InlineData("{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" .s}}", "<text>")]
    [InlineData("{{block \"t\" .n}}[{{.}}]{{end}}", "[3]")]
    [InlineData("{{(index .list 1) | printf \"%s-%d\" .s | len}}", "18")]
    [InlineData("{{index .map \"z\"}}{{.map.a}}{{.map.none}}", "lastfirst")]
    [InlineData("{{slice .s 1 3}}{{len .list}}{{slice .list 1}}", "ex3[b c]")]
    [InlineData("{{and .n .s}}{{or .empty .s}}{{not .empty}}", "texttexttrue")]
    [InlineData("{{and .empty (index .list 9)}}", "")]
    [InlineData("{{eq .n 1 2 3}}{{ne .s \"x\"}}{{lt 1 2}}{{ge 2.5 2.5}}", "truetruetruetrue")]
    [InlineData("{{.f}} {{1.5}} {{0x10}} {{'a'}} {{1_000}} {{true}}", "1e+06 1.5 16 97 1000 true")]
    [InlineData("{{.map}} {{.list}} {{.missing}}", "map[a:first z:last] [a b c] <no value>")]
    [InlineData("{{print 1 2 \"x\" 3}}{{println \"y\"}}", "1 2x3y\n")]
    [InlineData("{{html \"<a href='x'>\"}}{{js \"'</\"}}{{urlquery \"a b&c\"}}", "&lt;a href=&#39;x&#39;&gt;\\'\\u003C/a+b%26c")]
    [InlineData("{{`raw\\n`}}{{\"\\u00e9\\t\"}}", "raw\\né\t")]
    public void Executes_as_Go_does(string text, string? expected)
    {
        var template = Template.Parse("main", text, TemplateFunctions.Builtin);
        if (expected is null)
        {
            Assert.Throws<TemplateException>(() => template.Execute(Data));
            return;
        }

        Assert.Equal(expected, template.Execute(Data));
    }

    [Theory]
    [InlineData("printf \"%.2f|%8.3f|%-8.1f|%e|%g|%G\" 3.14159 3.14159 3.14159 1234.5 1e21 1e21", "3.14|   3.142|3.1     |1.234500e+03|1e+21|1E+21")]
    [InlineData("printf \"%s|%q|%x|%.2s|%5s|%-5s|\" \"hé\" \"h\\\"i\" \"hi\" \"héllo\" \"hi\" \"hi\"", "hé|\"h\\\"i\"|6869|hé|   hi|hi   |")]
    [InlineData("printf \"%d|%5d|%-5d|%05d|%+d|%x|%X|%o|%b|%c|%U\" 42 42 42 42 42 42 42 42 42 42 42", "42|   42|42   |00042|+42|2a|2A|52|101010|*|U+002A")]
    [InlineData("printf \"%%%d%\" 42", "%42%!(NOVERB)")]
    [InlineData("printf \"%t %v %T %T %T\" true nil 1 1.5 \"x\"", "true <nil> int float64 string")]
    [InlineData("printf \"%d\" \"hi\"", "%!d(string=hi)")]
    [InlineData("printf \"%s\" 5", "%!s(int=5)")]
    [InlineData("printf \"%d %d\" 1", "1 %!d(MISSING)")]
    [InlineData("printf \"%d\" 1 2", "1%!(EXTRA int=2)")]
    [InlineData("printf \"%[2]d %[1]d\" 1 2", "2 1")]
    [InlineData("printf \"%*d\" 5 42", "   42")]
    [InlineData("printf \"%6.2f%%\" 12.3456", " 12.35%")]
    public void Prints_as_fmt_does(string call, string expected) => Assert.Equal(expected, Run("{{" + call + "}}"));

    [Theory]
    [InlineData("{{nope}}", "template: t:1: function \"nope\" not defined")]
    [InlineData("a\n{{$x}}", "template: t:2: undefined variable \"$x\"")]
    [InlineData("{{if}}x{{end}}", "template: t:1: missing value for if")]
    [InlineData("{{if true}}x", "template: t:1: unexpected EOF")]
    [InlineData("{{end}}", "template: t:1: unexpected {{end}}")]
    [InlineData("{{break}}", "template: t:1: {{break}} outside {{range}}")]
    [InlineData("{{/* x }}", "template: t:1: unclosed comment")]
    [InlineData("{{\"x}}", "template: t:1: unterminated quoted string")]
    [InlineData("{{(1}}", "template: t:1: unclosed left paren")]
    [InlineData("{{1 | 2}}", "template: t:1: non executable command in pipeline stage 2")]
    [InlineData("{{.x * 100}}", "template: t:1: unexpected \"*\" in operand")]
    public void Mistakes_are_named_with_their_line(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<TemplateException>(() => Template.Parse("t", text, TemplateFunctions.Builtin)).Message);

    [Fact]
    public void A_mistake_knows_its_column()
    {
        var error = Assert.Throws<TemplateException>(() => Template.Parse("t", "a\nbc {{nope}}", TemplateFunctions.Builtin));
        Assert.Equal((2, 6), (error.Line, error.Column));
    }

    [Theory]
    [InlineData("{{range 100000000}}{{end}}")]
    [InlineData("{{range 2000}}{{printf \"%1000d\" 1}}{{end}}")]
    [InlineData("{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}")]
    [InlineData("{{$x := \"0123456789abcdef\"}}{{range 60}}{{$x = printf \"%s%s\" $x $x}}{{end}}")]
    public void Execution_is_bounded(string text) =>
        Assert.Throws<TemplateException>(() => Template.Parse("main", text, TemplateFunctions.Builtin).Execute(null));

    [Fact]
    public void Nesting_is_bounded() => Assert.Throws<TemplateException>(() =>
        Template.Parse("t", "{{" + new string('(', 100_000) + "1" + new string(')', 100_000) + "}}", TemplateFunctions.Builtin));

    [Fact]
    public void Random_pieces_of_templates_never_throw_anything_but_their_own_error()
    {
        string[] pieces = ["{{", "}}", "-}}", "{{-", "if ", "range ", "end", "else", "define ", "\"x\"", "`", "$x", ":=", "=", ".a", ".", "|", "(", ")", "1.5", "0x", "/*", "*/", "printf ", "\n", "é", ",", "with ", "block ", "template ", " "];
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                Template.Parse("main", text, TemplateFunctions.Builtin).Execute(Data);
            }
            catch (TemplateException)
            {
            }
        }
    }

    private static string Run(string text) => Template.Parse("main", text, TemplateFunctions.Builtin).Execute(Data);
}
