using System.Collections.Frozen;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The filters, by name.</summary>
internal sealed class JinjaFilters
{
    private static readonly FrozenDictionary<string, Func<JinjaFilters, object?, JinjaValues, object?>> All =
        new Dictionary<string, Func<JinjaFilters, object?, JinjaValues, object?>>
        {
            ["abs"] = (_, value, arguments) => NumberFilters.Abs(value, arguments),
            ["attr"] = (self, value, arguments) => self._items.AttributeOf(value, arguments),
            ["batch"] = (self, value, arguments) => self._items.Batch(value, arguments),
            ["capitalize"] = (self, value, arguments) => self._text.Change("capitalize", value, arguments, PythonCase.Capitalize),
            ["center"] = (self, value, arguments) => self._text.Center(value, arguments),
            ["count"] = (self, value, arguments) => self._items.Length(value, arguments),
            ["d"] = (_, value, arguments) => Default(value, arguments),
            ["default"] = (_, value, arguments) => Default(value, arguments),
            ["dictsort"] = (self, value, arguments) => self._order.SortPairs(value, arguments),
            ["e"] = (self, value, arguments) => self._text.Escape(value, arguments),
            ["escape"] = (self, value, arguments) => self._text.Escape(value, arguments),
            ["filesizeformat"] = (self, value, arguments) => self._numbers.FileSize(value, arguments),
            ["first"] = (self, value, arguments) => self._items.First(value, arguments),
            ["float"] = (self, value, arguments) => self._numbers.ToReal(value, arguments),
            ["forceescape"] = (self, value, arguments) => self._text.ForceEscape(value, arguments),
            ["format"] = (self, value, arguments) => self._text.Format(value, arguments),
            ["groupby"] = (self, value, arguments) => self._order.Group(value, arguments),
            ["indent"] = (self, value, arguments) => self._text.Indent(value, arguments),
            ["int"] = (self, value, arguments) => self._numbers.ToWhole(value, arguments),
            ["items"] = (_, value, arguments) => ItemFilters.Pairs(value, arguments),
            ["join"] = (self, value, arguments) => self._items.Join(value, arguments),
            ["last"] = (self, value, arguments) => self._items.Last(value, arguments),
            ["length"] = (self, value, arguments) => self._items.Length(value, arguments),
            ["list"] = (self, value, arguments) => self._items.List(value, arguments),
            ["lower"] = (self, value, arguments) => self._text.Change("lower", value, arguments, PythonCase.Lower),
            ["map"] = (self, value, arguments) => self._choice.Map(value, arguments),
            ["max"] = (self, value, arguments) => self._order.Extreme("max", value, arguments),
            ["min"] = (self, value, arguments) => self._order.Extreme("min", value, arguments),
            ["random"] = (self, value, arguments) => self._items.Random(value, arguments),
            ["reject"] = (self, value, arguments) => self._choice.Select("reject", value, arguments, wanted: false),
            ["rejectattr"] = (self, value, arguments) => self._choice.SelectAttribute("rejectattr", value, arguments, wanted: false),
            ["replace"] = (self, value, arguments) => self._text.Replace(value, arguments),
            ["reverse"] = (self, value, arguments) => self._items.Reverse(value, arguments),
            ["round"] = (_, value, arguments) => NumberFilters.Round(value, arguments),
            ["safe"] = (self, value, arguments) => self._text.Mark(value, arguments),
            ["select"] = (self, value, arguments) => self._choice.Select("select", value, arguments, wanted: true),
            ["selectattr"] = (self, value, arguments) => self._choice.SelectAttribute("selectattr", value, arguments, wanted: true),
            ["slice"] = (self, value, arguments) => self._items.Slice(value, arguments),
            ["sort"] = (self, value, arguments) => self._order.Sort(value, arguments),
            ["string"] = (self, value, arguments) => self._text.ToText(value, arguments),
            ["sum"] = (self, value, arguments) => self._items.Sum(value, arguments),
            ["title"] = (self, value, arguments) => self._text.Title(value, arguments),
            ["tojson"] = (self, value, arguments) => self._text.ToJson(value, arguments),
            ["trim"] = (self, value, arguments) => self._text.Trim(value, arguments),
            ["truncate"] = (self, value, arguments) => self._text.Truncate(value, arguments),
            ["unique"] = (self, value, arguments) => self._order.Unique(value, arguments),
            ["upper"] = (self, value, arguments) => self._text.Change("upper", value, arguments, PythonCase.Upper),
            ["urlencode"] = (self, value, arguments) => self._text.EncodeUrl(value, arguments),
            ["wordcount"] = (self, value, arguments) => self._text.CountWords(value, arguments),
        }.ToFrozenDictionary();

    private readonly JinjaBudget _budget;
    private readonly TextFilters _text;
    private readonly NumberFilters _numbers;
    private readonly ItemFilters _items;
    private readonly OrderFilters _order;
    private readonly ChoiceFilters _choice;

    internal JinjaFilters(JinjaBudget budget, JinjaOperators operators, JinjaTests tests, JinjaLookup lookup)
    {
        _budget = budget;
        var paths = new AttributePath(lookup);
        _text = new TextFilters(budget, operators);
        _numbers = new NumberFilters(budget);
        _items = new ItemFilters(budget, operators, lookup, paths);
        _order = new OrderFilters(operators, paths);
        _choice = new ChoiceFilters(operators, tests, this, paths);
    }

    /// <summary>The names of all filters.</summary>
    internal static FrozenSet<string> Names { get; } = FrozenSet.ToFrozenSet(All.Keys);

    internal object? Apply(string name, object? value, JinjaValues arguments)
    {
        if (!All.TryGetValue(name, out var filter))
        {
            throw JinjaFault.Because($"the filter '{name}' is not supported");
        }

        _budget.Enter();
        var result = _budget.Touch(filter(this, value, arguments));
        _budget.Leave();
        return result;
    }

    private static object? Default(object? value, JinjaValues arguments)
    {
        arguments.Expect("default", 0, "default_value", "boolean");
        return value is JinjaUndefined || (arguments.Truth(1, "boolean") && !JinjaOperators.IsTrue(value))
            ? arguments.Get(0, "default_value", "")
            : value;
    }
}
