namespace Flyball.Metrics.Head;

/// <summary>Tells when nobody can read a freed slot any more, without readers taking locks while they read.</summary>
/// <remarks>
/// Two eras take turns. A reader belongs to the era it began in; a slot freed in an era is reusable once every reader of that
/// era and of the one before has left. All members are called under the store's gate.
/// </remarks>
internal sealed class ReaderEras(SlotArena slots)
{
    private readonly int[] _readers = new int[2];
    private readonly List<(int Slot, int SizeClass)>[] _freed = [[], []];
    private int _era;

    public int Enter()
    {
        _readers[_era]++;
        return _era;
    }

    public void Leave(int era)
    {
        _readers[era]--;
        TryTurn();
    }

    public void Free(int slot, int sizeClass)
    {
        if (_readers[0] + _readers[1] == 0)
        {
            slots.Free(slot, sizeClass);
            return;
        }

        _freed[_era].Add((slot, sizeClass));
    }

    private void TryTurn()
    {
        // Twice: when the last reader has left, both eras' slots come back.
        for (var i = 0; i < 2 && _readers[1 - _era] == 0; i++)
        {
            _era = 1 - _era;
            foreach (var (slot, sizeClass) in _freed[_era])
            {
                slots.Free(slot, sizeClass);
            }

            _freed[_era].Clear();
        }
    }
}
