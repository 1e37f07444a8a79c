namespace Flyball.Testing.Files;

/// <summary>Something on the disk in memory, in two states: as seen and as it would survive a power cut.</summary>
internal abstract class Node
{
    public abstract long Size { get; }

    public abstract void LosePower();
}

internal sealed class FolderNode : Node
{
    private Dictionary<string, Node> _durable = new(StringComparer.Ordinal);

    public Dictionary<string, Node> Children { get; private set; } = new(StringComparer.Ordinal);

    public override long Size => Children.Values.Sum(c => c.Size);

    public void Sync() => _durable = new(Children, StringComparer.Ordinal);

    public override void LosePower()
    {
        Children = new(_durable, StringComparer.Ordinal);
        foreach (var child in Children.Values)
        {
            child.LosePower();
        }
    }

    public FolderNode Copy()
    {
        var copies = new Dictionary<Node, Node>();
        return (FolderNode)CopyOf(this, copies);
    }

    private static Node CopyOf(Node node, Dictionary<Node, Node> copies)
    {
        if (copies.TryGetValue(node, out var known))
        {
            return known;
        }

        if (node is FileNode file)
        {
            return copies[node] = file.Copy();
        }

        var copy = new FolderNode();
        copies[node] = copy;
        var folder = (FolderNode)node;
        foreach (var (name, child) in folder.Children)
        {
            copy.Children[name] = CopyOf(child, copies);
        }

        foreach (var (name, child) in folder._durable)
        {
            copy._durable[name] = CopyOf(child, copies);
        }

        return copy;
    }
}

internal sealed class FileNode : Node
{
    public byte[] Bytes { get; private set; } = [];

    public byte[] Durable { get; private set; } = [];

    public int Length { get; private set; }

    public Span<byte> Current => Bytes.AsSpan(0, Length);

    public override long Size => Length;

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var end = checked((int)(offset + bytes.Length));
        if (end > Length)
        {
            SetLength(end);
        }

        bytes.CopyTo(Bytes.AsSpan((int)offset));
    }

    public void SetLength(int length)
    {
        if (length > Bytes.Length)
        {
            var larger = new byte[Math.Max(length, Bytes.Length * 2)];
            Current.CopyTo(larger);
            Bytes = larger;
        }
        else if (length < Length)
        {
            Bytes.AsSpan(length, Length - length).Clear();
        }

        Length = length;
    }

    public void Sync() => Durable = Current.ToArray();

    public override void LosePower()
    {
        Bytes = [.. Durable];
        Length = Durable.Length;
    }

    public FileNode Copy() => new() { Bytes = [.. Bytes], Durable = Durable, Length = Length };
}
