namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>
/// Filters that process items one by one: length, list, first, last, join, reverse, items, batch, slice, sum, attr, random.
/// </summary>
internal sealed class ItemFilters(JinjaBudget budget, JinjaOperators operators, JinjaLookup lookup, AttributePath paths)
{
    internal long Length(object? value, JinjaValues arguments)
    {
        arguments.Expect("length", 0, 0);
        return value switch
        {
            List<object?> list => list.Count,
            JinjaTuple tuple => tuple.Items.Count,
            JinjaMap map => map.Count,
            JinjaView view => view.Items.Count,
            JinjaRange range => range.Count,
            JinjaLoop loop => loop.Length,
            JinjaUndefined => 0,
            _ => PythonText.Of(value) is { } text ? CodePoints.Count(budget.Touch(text)) : throw Wrong("length", value),
        };
    }

    internal List<object?> List(object? value, JinjaValues arguments)
    {
        arguments.Expect("list", 0, 0);
        return [.. operators.Items(value)];
    }

    internal object? First(object? value, JinjaValues arguments)
    {
        arguments.Expect("first", 0, 0);
        var nothing = new JinjaUndefined("first", "there is no first of nothing");
        return value is JinjaIterator iterator
            ? iterator.TryNext(out var item) ? item : nothing
            : operators.Items(value) is [var first, ..] ? first : nothing;
    }

    internal object? Last(object? value, JinjaValues arguments)
    {
        arguments.Expect("last", 0, 0);
        return value is JinjaIterator
            ? throw Wrong("last", value)
            : operators.Items(value) is [.., var last] ? last : new JinjaUndefined("last", "there is no last of nothing");
    }

    internal string Join(object? value, JinjaValues arguments)
    {
        arguments.Expect("join", 0, "d", "attribute");
        var attribute = paths.Read(arguments.Get(1, "attribute"));
        var separator = JinjaFormat.ToText(arguments.Get(0, "d", ""), budget);
        var parts = operators.Items(value).Select(item => JinjaFormat.ToText(attribute(item), budget)).ToList();
        JinjaBudget.CheckLength(parts.Sum(part => (long)part.Length + separator.Length));
        return string.Join(separator, parts);
    }

    internal object? Reverse(object? value, JinjaValues arguments)
    {
        arguments.Expect("reverse", 0, 0);
        if (value is JinjaUndefined)
        {
            return new JinjaIterator("the filter reverse", []);
        }

        var items = operators.Items(value).ToList();
        items.Reverse();
        return value switch
        {
            string => string.Concat(items),
            JinjaMarkup => new JinjaMarkup(string.Concat(items)),
            JinjaIterator => items,
            _ => new JinjaIterator("the filter reverse", items),
        };
    }

    internal static JinjaIterator Pairs(object? value, JinjaValues arguments)
    {
        arguments.Expect("items", 0, 0);
        return new JinjaIterator("the filter items", new[] { value }.SelectMany(given => given switch
        {
            JinjaUndefined => [],
            JinjaMap map => map.Items(),
            _ => throw Wrong("items", given),
        }));
    }

    internal JinjaIterator Batch(object? value, JinjaValues arguments)
    {
        arguments.Expect("batch", 1, "linecount", "fill_with");
        var size = PythonNumbers.Of(arguments.Get(0, "linecount"));
        var fill = arguments.Get(1, "fill_with");
        var batches = new List<object?>();
        var batch = new List<object?>();
        foreach (var item in operators.Items(value))
        {
            if (size is not null && PythonNumbers.Compare((long)batch.Count, size) == 0)
            {
                batches.Add(batch);
                batch = [];
            }

            batch.Add(item);
        }

        if (batch.Count > 0)
        {
            var missing = fill is null ? 0 : PythonNumbers.Clamp(arguments.Get(0, "linecount"), "linecount") - batch.Count;
            budget.Spend(Math.Max(0, missing));
            batch.AddRange(Enumerable.Repeat(fill, (int)Math.Max(0, missing)));
            batches.Add(batch);
        }

        return new JinjaIterator("the filter batch", batches);
    }

    internal JinjaIterator Slice(object? value, JinjaValues arguments)
    {
        arguments.Expect("slice", 1, "slices", "fill_with");
        var count = arguments.Integer(0, "slices");
        return new JinjaIterator("the filter slice", Slices());

        IEnumerable<object?> Slices()
        {
            var items = operators.Items(value);
            var (size, longer) = PythonNumbers.Apply("//", (long)items.Count, count) is long each
                ? (each, items.Count - (each * count))
                : (0, 0);
            for (long i = 0, start = 0; i < count; i++)
            {
                budget.Spend();
                var end = start + size + (i < longer ? 1 : 0);
                var slice = items[(int)Math.Min(start, items.Count)..(int)Math.Min(end, items.Count)];
                if (arguments.Get(1, "fill_with") is { } fill && i >= longer)
                {
                    slice.Add(fill);
                }

                start = end;
                yield return slice;
            }
        }
    }

    internal object? Sum(object? value, JinjaValues arguments)
    {
        arguments.Expect("sum", 0, "attribute", "start");
        var attribute = paths.Read(arguments.Get(0, "attribute"));
        var sum = arguments.Get(1, "start", 0L);
        if (PythonText.Of(sum) is not null)
        {
            throw JinjaFault.Because("the filter 'sum' does not put texts together; use join");
        }

        foreach (var item in operators.Items(value))
        {
            sum = operators.Apply("+", sum, attribute(item));
        }

        return sum;
    }

    internal object? AttributeOf(object? value, JinjaValues arguments)
    {
        var name = JinjaFormat.ToText(arguments.Expect("attr", 1, "name").Get(0, "name"), budget);
        return value is JinjaMap && lookup.Attribute(new JinjaMap(), name) is JinjaUndefined ? new JinjaUndefined(name)
            : value is JinjaUndefined undefined ? throw undefined.Fault()
            : lookup.Attribute(value, name);
    }

    // A template's text must not depend on chance, so the choice is always the same.
    internal object? Random(object? value, JinjaValues arguments)
    {
        arguments.Expect("random", 0, 0);
        return Length(value, JinjaValues.None) > 0
            ? lookup.Item(value, 0L)
            : new JinjaUndefined("random", "there is no random item of nothing");
    }

    private static ChatTemplateException Wrong(string filter, object? value) =>
        value is JinjaUndefined undefined
            ? undefined.Fault()
            : JinjaFault.Because($"the filter '{filter}' has no meaning for {JinjaFault.KindOf(value)}");
}
