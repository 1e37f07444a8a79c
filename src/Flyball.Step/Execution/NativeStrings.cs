using System.Runtime.InteropServices;

namespace Flyball.Step.Execution;

/// <summary>A null-terminated array of C strings in memory that the collector does not move.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly byte** _pointers;
    private readonly int _count;

    /// <summary>Copies the strings; none may contain a zero byte.</summary>
    public NativeStrings(IReadOnlyList<byte[]> strings)
    {
        _count = strings.Count;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < _count; i++)
        {
            var length = strings[i].Length;
            var copy = (byte*)NativeMemory.Alloc((nuint)length + 1);
            strings[i].CopyTo(new Span<byte>(copy, length));
            copy[length] = 0;
            _pointers[i] = copy;
        }
    }

    /// <summary>The array, valid until disposed.</summary>
    public byte** Pointers => _pointers;

    /// <inheritdoc />
    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
        {
            NativeMemory.Free(_pointers[i]);
        }

        NativeMemory.Free(_pointers);
    }
}
