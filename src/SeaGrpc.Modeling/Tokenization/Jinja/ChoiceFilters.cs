namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>map, select, reject, selectattr and rejectattr. They are evaluated lazily, when their result is iterated.</summary>
internal sealed class ChoiceFilters(JinjaOperators operators, JinjaTests tests, JinjaFilters filters, AttributePath paths)
{
    internal JinjaIterator Map(object? value, JinjaValues arguments)
    {
        return new JinjaIterator("the filter map", JinjaOperators.IsTrue(value) ? operators.Items(value).Select(Changed()) : []);

        Func<object?, object?> Changed()
        {
            if (arguments.Positional.Count == 0 && arguments.Named.ContainsKey("attribute"))
            {
                arguments.Expect("map", 0, "attribute", "default");
                return paths.Read(arguments.Get(0, "attribute"), arguments.Get(1, "default"));
            }

            var name = Name(arguments, 0, "map", "a filter");
            return item => filters.Apply(name, item, Rest(arguments, 1));
        }
    }

    internal JinjaIterator Select(string filter, object? value, JinjaValues arguments, bool wanted) =>
        Choose(filter, value, Test(filter, arguments, 0), wanted);

    internal JinjaIterator SelectAttribute(string filter, object? value, JinjaValues arguments, bool wanted)
    {
        if (arguments.Positional.Count == 0)
        {
            throw JinjaFault.Because($"'{filter}' needs an attribute");
        }

        var attribute = paths.Read(arguments.Positional[0]);
        var passes = Test(filter, arguments, 1);
        return Choose(filter, value, item => passes(attribute(item)), wanted);
    }

    private JinjaIterator Choose(string filter, object? value, Func<object?, bool> passes, bool wanted) => new(
        $"the filter {filter}", JinjaOperators.IsTrue(value) ? operators.Items(value).Where(item => passes(item) == wanted) : []);

    private Func<object?, bool> Test(string filter, JinjaValues arguments, int place)
    {
        if (arguments.Positional.Count <= place)
        {
            return JinjaOperators.IsTrue;
        }

        var name = Name(arguments, place, filter, "a test");
        return item => tests.Apply(name, item, Rest(arguments, place + 1));
    }

    private static string Name(JinjaValues arguments, int place, string filter, string kind) =>
        arguments.Positional.Count > place && PythonText.Of(arguments.Positional[place]) is { } name
            ? name
            : throw JinjaFault.Because($"'{filter}' needs the name of {kind}");

    private static JinjaValues Rest(JinjaValues arguments, int from) =>
        arguments with { Positional = [.. arguments.Positional.Skip(from)] };
}
