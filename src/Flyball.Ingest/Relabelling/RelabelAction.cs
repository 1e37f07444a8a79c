namespace Flyball.Ingest.Relabelling;

/// <summary>What a relabelling rule does; in files the words are these in lower case.</summary>
public enum RelabelAction
{
    /// <summary>Sets the target label to the expanded replacement where the regex matches.</summary>
    Replace,

    /// <summary>Drops what the regex does not match.</summary>
    Keep,

    /// <summary>Drops what the regex matches.</summary>
    Drop,

    /// <summary>Drops unless the joined source labels equal the target label.</summary>
    KeepEqual,

    /// <summary>Drops if the joined source labels equal the target label.</summary>
    DropEqual,

    /// <summary>Sets the target label to a hash of the source labels modulo a number.</summary>
    HashMod,

    /// <summary>Copies labels whose names match to the name the replacement gives.</summary>
    LabelMap,

    /// <summary>Removes labels whose names match.</summary>
    LabelDrop,

    /// <summary>Removes labels whose names do not match.</summary>
    LabelKeep,

    /// <summary>Sets the target label to the source labels in lower case.</summary>
    Lowercase,

    /// <summary>Sets the target label to the source labels in upper case.</summary>
    Uppercase,
}
