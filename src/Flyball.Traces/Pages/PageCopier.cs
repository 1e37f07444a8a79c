namespace Flyball.Traces.Pages;

/// <summary>Copies rows of one page into another one, translating string ids and whatever is numbered per page.</summary>
/// <param name="strings">For each string id of the source, its id in the target.</param>
internal sealed class PageCopier<TMap>(SpanPage source, TMap strings)
    where TMap : struct, IStringMap
{
    private SpanPage? _target;
    private int[] _shapes = [];
    private int[] _resources = [];
    private int[] _scopes = [];
    private long[] _scratch = new long[32];

    /// <summary>Appends a row.</summary>
    public void Copy(int row, SpanPage target)
    {
        if (_target != target)
        {
            Turn(target);
        }

        target.TraceHigh.Add(source.TraceHigh[row]);
        target.TraceLow.Add(source.TraceLow[row]);
        target.SpanId.Add(source.SpanId[row]);
        target.ParentId.Add(source.ParentId[row]);
        target.Start.Add(source.Start[row]);
        target.End.Add(source.End[row]);
        target.Name.Add(strings[source.Name[row]]);
        target.Kind.Add(source.Kind[row]);
        target.Status.Add(source.Status[row]);
        target.StatusMessage.Add(strings[source.StatusMessage[row]]);
        target.TraceState.Add(strings[source.TraceState[row]]);
        target.Flags.Add(source.Flags[row]);
        target.DroppedAttributes.Add(source.DroppedAttributes[row]);
        target.DroppedEvents.Add(source.DroppedEvents[row]);
        target.DroppedLinks.Add(source.DroppedLinks[row]);
        target.Resource.Add(Resource(source.Resource[row]));
        target.Scope.Add(Scope(source.Scope[row]));
        CopyAttributes(source.Attributes, row, target.Attributes);
        CopyEvents(row, target);
        CopyLinks(row, target);
    }

    private void Turn(SpanPage target)
    {
        _target = target;
        _shapes = Unknown(source.Shapes.Count);
        _resources = Unknown(source.Resources.Count);
        _scopes = Unknown(source.Scopes.Count);
    }

    private static int[] Unknown(int count)
    {
        var map = new int[count];
        Array.Fill(map, -1);
        return map;
    }

    private void CopyEvents(int row, SpanPage target)
    {
        var (from, until) = source.EventsOf(row);
        for (var i = from; i < until; i++)
        {
            target.Events.Time.Add(source.Events.Time[i]);
            target.Events.Name.Add(strings[source.Events.Name[i]]);
            target.Events.Dropped.Add(source.Events.Dropped[i]);
            CopyAttributes(source.Events.Attributes, i, target.Events.Attributes);
        }

        target.EventEnds.Add(target.Events.Time.Count);
    }

    private void CopyLinks(int row, SpanPage target)
    {
        var (from, until) = source.LinksOf(row);
        for (var i = from; i < until; i++)
        {
            target.Links.TraceHigh.Add(source.Links.TraceHigh[i]);
            target.Links.TraceLow.Add(source.Links.TraceLow[i]);
            target.Links.SpanId.Add(source.Links.SpanId[i]);
            target.Links.TraceState.Add(strings[source.Links.TraceState[i]]);
            target.Links.Flags.Add(source.Links.Flags[i]);
            target.Links.Dropped.Add(source.Links.Dropped[i]);
            CopyAttributes(source.Links.Attributes, i, target.Links.Attributes);
        }

        target.LinkEnds.Add(target.Links.SpanId.Count);
    }

    private void CopyAttributes(AttributeSets from, int row, AttributeSets to)
    {
        var shape = from.Shapes[row];
        var slots = source.Shapes[shape];
        to.Add(Shape(shape), Translate(slots, from.Values.Items.Slice(from.Starts[row], slots.Length)));
    }

    private ReadOnlySpan<long> Translate(ReadOnlySpan<long> slots, ReadOnlySpan<long> values)
    {
        if (_scratch.Length < values.Length)
        {
            _scratch = new long[values.Length * 2];
        }

        for (var i = 0; i < values.Length; i++)
        {
            _scratch[i] = AttributeSets.IsString(AttributeSets.KindOf(slots[i])) ? strings[values[i]] : values[i];
        }

        return _scratch.AsSpan(0, values.Length);
    }

    private int Shape(int shape)
    {
        if (_shapes[shape] < 0)
        {
            var slots = source.Shapes[shape];
            var translated = new long[slots.Length];
            for (var i = 0; i < slots.Length; i++)
            {
                translated[i] = AttributeSets.Slot(strings[AttributeSets.KeyOf(slots[i])], AttributeSets.KindOf(slots[i]));
            }

            _shapes[shape] = _target!.Shapes.Intern(translated);
        }

        return _shapes[shape];
    }

    private int Resource(int resource)
    {
        if (_resources[resource] < 0)
        {
            var from = source.Resources[resource];
            long[] head = [strings[from[0]], from[1], Shape((int)from[2])];
            var values = Translate(source.Shapes[(int)from[2]], from[SpanPage.ResourceHead..]);
            _resources[resource] = _target!.Resources.Intern([.. head, .. values]);
        }

        return _resources[resource];
    }

    private int Scope(int scope)
    {
        if (_scopes[scope] < 0)
        {
            var from = source.Scopes[scope];
            long[] head = [strings[from[0]], strings[from[1]], strings[from[2]], from[3], Shape((int)from[4])];
            var values = Translate(source.Shapes[(int)from[4]], from[SpanPage.ScopeHead..]);
            _scopes[scope] = _target!.Scopes.Intern([.. head, .. values]);
        }

        return _scopes[scope];
    }
}
