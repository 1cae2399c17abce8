namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Filters that compare items: sort, dictsort, unique, groupby, min, max.</summary>
internal sealed class OrderFilters(JinjaOperators operators, AttributePath paths)
{
    private static readonly string[] GroupNames = ["grouper", "list"];

    internal List<object?> Sort(object? value, JinjaValues arguments)
    {
        arguments.Expect("sort", 0, "reverse", "case_sensitive", "attribute");
        var exact = arguments.Truth(1, "case_sensitive");
        Func<object?, object?>[] keys = PythonText.Of(arguments.Get(2, "attribute")) is { } names
            ? [.. names.Split(',').Select(name => paths.Read(name))]
            : [paths.Read(arguments.Get(2, "attribute"))];
        return operators.Sort(
            operators.Items(value),
            item => new List<object?>(keys.Select(key => Folded(key(item), exact))),
            arguments.Truth(0, "reverse"));
    }

    internal List<object?> SortPairs(object? value, JinjaValues arguments)
    {
        arguments.Expect("dictsort", 0, "case_sensitive", "by", "reverse");
        var place = arguments.Get(1, "by", "key") switch
        {
            "key" => 0,
            "value" => 1,
            _ => throw JinjaFault.Because("dictsort sorts by 'key' or 'value'"),
        };
        var map = value as JinjaMap ?? throw Wrong("dictsort", value);
        var exact = arguments.Truth(0, "case_sensitive");
        return operators.Sort(map.Items(), pair => Folded(((JinjaTuple)pair!).Items[place], exact), arguments.Truth(2, "reverse"));
    }

    internal JinjaIterator Unique(object? value, JinjaValues arguments)
    {
        arguments.Expect("unique", 0, "case_sensitive", "attribute");
        var exact = arguments.Truth(0, "case_sensitive");
        var key = paths.Read(arguments.Get(1, "attribute"));
        var seen = new JinjaMap();
        return new JinjaIterator("the filter unique", operators.Items(value).Where(IsNew));

        bool IsNew(object? item)
        {
            var name = Folded(key(item), exact);
            if (seen.Contains(name))
            {
                return false;
            }

            seen[name] = null;
            return true;
        }
    }

    internal List<object?> Group(object? value, JinjaValues arguments)
    {
        arguments.Expect("groupby", 1, "attribute", "default", "case_sensitive");
        var plain = paths.Read(arguments.Get(0, "attribute"), arguments.Get(1, "default"));
        var exact = arguments.Truth(2, "case_sensitive");
        var groups = new List<(object? Key, List<object?> Items)>();
        foreach (var item in operators.Sort(operators.Items(value), item => Folded(plain(item), exact)))
        {
            var key = Folded(plain(item), exact);
            if (groups.Count == 0 || !operators.AreEqual(groups[^1].Key, key))
            {
                groups.Add((key, []));
            }

            groups[^1].Items.Add(item);
        }

        return [.. groups.Select(group => (object?)new JinjaTuple([exact ? group.Key : plain(group.Items[0]), group.Items], GroupNames))];
    }

    internal object? Extreme(string name, object? value, JinjaValues arguments)
    {
        arguments.Expect(name, 0, "case_sensitive", "attribute");
        var exact = arguments.Truth(0, "case_sensitive");
        var key = paths.Read(arguments.Get(1, "attribute"));
        var items = operators.Items(value);
        if (items.Count == 0)
        {
            return new JinjaUndefined(name, $"there is no {name} of nothing");
        }

        var best = items[0];
        foreach (var item in items.Skip(1))
        {
            if (operators.Holds(name == "min" ? "<" : ">", Folded(key(item), exact), Folded(key(best), exact)))
            {
                best = item;
            }
        }

        return best;
    }

    private static object? Folded(object? value, bool exact) =>
        !exact && PythonText.Of(value) is { } text ? PythonCase.Lower(text) : value;

    private static ChatTemplateException Wrong(string filter, object? value) =>
        value is JinjaUndefined undefined
            ? undefined.Fault()
            : JinjaFault.Because($"the filter '{filter}' has no meaning for {JinjaFault.KindOf(value)}");
}
