using Flyball.Model.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Flyball.Configuration;

/// <summary>Collects what is wrong with a configuration, so that one run reports all of it.</summary>
/// <remarks>Not thread-safe: a configuration is read by one thread.</remarks>
public sealed class ConfigProblems
{
    private readonly List<ConfigProblem> _problems = [];
    private readonly List<ConfigProblem> _warnings = [];

    /// <summary>The problems so far, in order of discovery.</summary>
    public IReadOnlyList<ConfigProblem> All => _problems;

    /// <summary>Whether there is any.</summary>
    public bool Any => _problems.Count > 0;

    /// <summary>What works, but not as its author may expect; a configuration with warnings is used.</summary>
    public IReadOnlyList<ConfigProblem> Warnings => _warnings;

    /// <summary>Notes something that works otherwise than its author may expect.</summary>
    public void Warn(string file, YamlNode at, string message) =>
        _warnings.Add(new ConfigProblem(file, (int)at.Start.Line, (int)at.Start.Column, message));

    /// <summary>Notes a problem at a node.</summary>
    public void Add(string file, YamlNode at, string message) => Add(file, at.Start, message);

    /// <summary>Notes a problem at a position.</summary>
    public void Add(string file, Mark at, string message) =>
        _problems.Add(new ConfigProblem(file, (int)at.Line, (int)at.Column, message));

    /// <summary>Notes a problem.</summary>
    public void Add(ConfigProblem problem) => _problems.Add(problem);

    /// <summary>Notes problems found elsewhere.</summary>
    public void AddRange(IEnumerable<ConfigProblem> problems) => _problems.AddRange(problems);
}
