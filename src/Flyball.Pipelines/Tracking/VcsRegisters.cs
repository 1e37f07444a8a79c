using Flyball.Model.Runs;

namespace Flyball.Pipelines.Tracking;

/// <summary>Which code a run is about, merged field by field.</summary>
internal sealed class VcsRegisters
{
    private Register<string> _repositoryUrl;
    private Register<string> _repositoryName;
    private Register<string> _owner;
    private Register<string> _provider;
    private Register<string> _headName;
    private Register<string> _headType;
    private Register<string> _commit;
    private Register<string> _commitTitle;
    private Register<string> _baseName;
    private Register<string> _changeId;
    private Register<string> _changeTitle;

    public bool Merge(VcsFacts? facts, FactOrder order)
    {
        if (facts is null)
        {
            return false;
        }

        var changed = _repositoryUrl.MergeIfSaid(facts.RepositoryUrl, order);
        changed |= _repositoryName.MergeIfSaid(facts.RepositoryName, order);
        changed |= _owner.MergeIfSaid(facts.Owner, order);
        changed |= _provider.MergeIfSaid(facts.Provider, order);
        changed |= _headName.MergeIfSaid(facts.HeadName, order);
        changed |= _headType.MergeIfSaid(facts.HeadType, order);
        changed |= _commit.MergeIfSaid(facts.Commit, order);
        changed |= _commitTitle.MergeIfSaid(facts.CommitTitle, order);
        changed |= _baseName.MergeIfSaid(facts.BaseName, order);
        changed |= _changeId.MergeIfSaid(facts.ChangeId, order);
        return changed | _changeTitle.MergeIfSaid(facts.ChangeTitle, order);
    }

    public VcsFacts ToFacts() => new()
    {
        RepositoryUrl = _repositoryUrl.Value,
        RepositoryName = _repositoryName.Value,
        Owner = _owner.Value,
        Provider = _provider.Value,
        HeadName = _headName.Value,
        HeadType = _headType.Value,
        Commit = _commit.Value,
        CommitTitle = _commitTitle.Value,
        BaseName = _baseName.Value,
        ChangeId = _changeId.Value,
        ChangeTitle = _changeTitle.Value,
    };
}

/// <summary>Further facts under their own keys, merged key by key; bounded.</summary>
internal sealed class AttributeRegisters
{
    /// <summary>More keys than this are left out: an owner with more is data, not description.</summary>
    public const int MostKeys = 64;

    private SortedDictionary<string, Register<string>>? _values;

    public bool Merge(IReadOnlyDictionary<string, string>? facts, FactOrder order)
    {
        if (facts is null)
        {
            return false;
        }

        var changed = false;
        _values ??= new SortedDictionary<string, Register<string>>(StringComparer.Ordinal);
        foreach (var (key, value) in facts)
        {
            var register = _values.GetValueOrDefault(key);
            changed |= register.Merge(value, order);
            _values[key] = register;
        }

        return changed;
    }

    // An empty value takes back what was said. The bound is on what shows, not on what is merged: else the order of arrival would decide which keys are in.
    public IReadOnlyDictionary<string, string> ToFacts() => _values is null
        ? PipelineRun.EmptyAttributes
        : _values.Where(v => v.Value.Value is { Length: > 0 }).Take(MostKeys).ToDictionary(v => v.Key, v => v.Value.Value!, StringComparer.Ordinal);
}
