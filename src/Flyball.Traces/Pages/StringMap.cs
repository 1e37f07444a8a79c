namespace Flyball.Traces.Pages;

/// <summary>For each string id of a source, its id in a target. Structs, so that copying a row costs no virtual calls.</summary>
internal interface IStringMap
{
    int this[long id] { get; }
}

/// <summary>A map that is known beforehand.</summary>
internal readonly struct ArrayMap(int[] ids) : IStringMap
{
    public int this[long id] => ids[id];
}
