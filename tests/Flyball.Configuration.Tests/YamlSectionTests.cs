using Flyball.Model.Time;

namespace Flyball.Configuration.Tests;

public sealed class YamlSectionTests
{
    [Fact]
    public void Unknown_key_is_reported_at_its_place_with_the_nearest_known_one()
    {
        var (section, problems) = Open("interval: 15s\nscrape_confgs: []\n");
        section.Duration("interval");
        section.Sections("scrape_configs");
        section.Finish();

        Assert.Equal("f.yml:2:1: unknown key \"scrape_confgs\"; did you mean \"scrape_configs\"?", Assert.Single(problems.All).ToString());
    }

    [Fact]
    public void Unknown_key_far_from_every_known_one_gets_no_suggestion()
    {
        var (section, problems) = Open("banana: 1\n");
        section.Text("interval");
        section.Finish();

        Assert.Equal("f.yml:1:1: unknown key \"banana\"", Assert.Single(problems.All).ToString());
    }

    [Fact]
    public void A_merged_mapping_lends_the_keys_that_are_not_there()
    {
        var (section, problems) = Open("x: &base {a: 1, b: 1}\ny: {<<: *base, b: 2}\n");
        var merged = section.Section("y")!;

        Assert.Equal((1L, 2L), (merged.Integer("a"), merged.Integer("b")));
        merged.Finish();
        Assert.False(problems.Any);
    }

    [Theory]
    [InlineData("k: 15s", 15_000)]
    [InlineData("k: 1h30m", 5_400_000)]
    [InlineData("k: 1d", 86_400_000)]
    [InlineData("k: 250ms", 250)]
    [InlineData("k: 0", 0)]
    public void Durations_are_read(string yaml, long expectedMs) =>
        Assert.Equal(new DurationMs(expectedMs), Open(yaml).Section.Duration("k"));

    [Theory]
    [InlineData("k: 15")]
    [InlineData("k: 1m1h")]
    [InlineData("k: 1.5h")]
    [InlineData("k: soon")]
    [InlineData("k: 999999999999999y")]
    [InlineData("k: [1s]")]
    public void Bad_durations_are_reported_where_they_stand(string yaml)
    {
        var (section, problems) = Open(yaml);
        Assert.Null(section.Duration("k"));
        var problem = Assert.Single(problems.All);
        Assert.Equal((1, 4), (problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("k: 10MB", 10L << 20)]
    [InlineData("k: 512KiB", 512L << 10)]
    [InlineData("k: 7B", 7)]
    [InlineData("k: 1", 1)]
    public void Sizes_are_read(string yaml, long expected) => Assert.Equal(expected, Open(yaml).Section.Bytes("k"));

    [Theory]
    [InlineData("k: 10XB")]
    [InlineData("k: MB")]
    [InlineData("k: 99999999999EB")]
    public void Bad_sizes_are_reported(string yaml)
    {
        var (section, problems) = Open(yaml);
        Assert.Null(section.Bytes("k"));
        Assert.Single(problems.All);
    }

    [Theory]
    [InlineData("k: yes", true)]
    [InlineData("k: false", false)]
    public void Booleans_are_read(string yaml, bool expected) => Assert.Equal(expected, Open(yaml).Section.Boolean("k"));

    [Fact]
    public void Key_without_value_counts_as_absent()
    {
        var (section, problems) = Open("k:\n");
        Assert.False(section.Has("k"));
        Assert.Empty(section.Texts("k"));
        section.Finish();
        Assert.False(problems.Any);
    }

    [Fact]
    public void Wrong_word_names_the_choices_and_the_nearest()
    {
        var (section, problems) = Open("scheme: htps\n");
        Assert.Null(section.Choice("scheme", "http", "https"));
        Assert.Equal("f.yml:1:9: \"scheme\" is \"htps\"; write one of http, https; did you mean \"https\"?", Assert.Single(problems.All).ToString());
    }

    [Theory]
    [InlineData("a: [1\nb: 2")]
    [InlineData("a: 1\na: 2")]
    [InlineData("a: *nowhere")]
    [InlineData("- a")]
    public void Broken_documents_are_problems_with_a_place(string yaml)
    {
        var problems = new ConfigProblems();
        Assert.Null(YamlFile.Load("f.yml", yaml, problems));
        Assert.True(Assert.Single(problems.All).Line > 0);
    }

    private static (YamlSection Section, ConfigProblems Problems) Open(string yaml)
    {
        var problems = new ConfigProblems();
        var root = YamlFile.Load("f.yml", yaml, problems);
        Assert.NotNull(root);
        return (new YamlSection("f.yml", root, problems), problems);
    }
}
