using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Python's <c>text % values</c>.</summary>
internal sealed partial class PercentFormat
{
    private readonly JinjaBudget _budget;
    private readonly object? _values;
    private readonly IReadOnlyList<object?> _list;
    private int _next;

    private PercentFormat(object? values, JinjaBudget budget)
    {
        _values = values;
        _list = values is JinjaTuple tuple ? tuple.Items : [values];
        _budget = budget;
    }

    [GeneratedRegex(
        @"\G%(?:\((?<key>[^()]*)\))?(?<flags>[-+ #0]*)(?<width>\*|[0-9]+)?(?:\.(?<precision>\*|[0-9]*))?[hlL]?(?<type>[diouxXeEfFgGcrsa%])")]
    private static partial Regex Field { get; }

    internal static string Apply(string format, object? values, JinjaBudget budget)
    {
        var formatter = new PercentFormat(values, budget);
        var text = new StringBuilder();
        for (var i = 0; i < format.Length;)
        {
            if (format[i] != '%')
            {
                var next = format.IndexOf('%', i) is var at and >= 0 ? at : format.Length;
                text.Append(format, i, next - i);
                i = next;
                continue;
            }

            var field = Field.Match(format, i);
            if (!field.Success)
            {
                throw JinjaFault.Because($"the format '{format}' has a '%' that begins no field at {i}");
            }

            text.Append(budget.Touch(formatter.Write(field)));
            JinjaBudget.CheckLength(text.Length);
            i += field.Length;
        }

        var takesAll = values is not (string or JinjaMarkup or JinjaTuple)
            && values is JinjaMap or List<object?> or JinjaRange or JinjaView or JinjaUndefined;
        return formatter._next >= formatter._list.Count || takesAll
            ? text.ToString()
            : throw JinjaFault.Because($"a format is given {formatter._list.Count} values and takes {formatter._next}");
    }

    /// <summary>An integer's digits in the base of a format type.</summary>
    internal static string Digits(BigInteger number, char type)
    {
        if (type is 'd' or 'i' or 'u' or 'n')
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }

        var bits = type is 'b' ? 1 : type is 'o' ? 3 : 4;
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, "0123456789abcdef"[(int)(number & ((1 << bits) - 1))]);
            number >>= bits;
        }
        while (!number.IsZero);
        return type == 'X' ? digits.ToString().ToUpperInvariant() : digits.ToString();
    }

    private object? Next() =>
        _next < _list.Count ? _list[_next++] : throw JinjaFault.Because("a format has more fields than it is given values");

    private long? Count(Group group) => !group.Success ? null : group.Value switch
    {
        "*" => PythonNumbers.Of(Next()) is long number ? number : throw JinjaFault.Because("a format's '*' needs a whole number"),
        "" => 0,
        var digits => long.TryParse(digits, out var number) ? number : throw JinjaFault.Because($"a format asks for {digits} characters"),
    };

    private string Write(Match field)
    {
        var type = field.Groups["type"].Value[0];
        var flags = field.Groups["flags"].Value;
        object? keyed = null;
        if (field.Groups["key"].Success)
        {
            keyed = _values is JinjaMap map
                ? map.TryGet(field.Groups["key"].Value, out var found)
                    ? found
                    : throw JinjaFault.Because($"a format names '{field.Groups["key"].Value}', which it is not given")
                : throw JinjaFault.Because("a format with names needs a mapping");
        }

        var width = Count(field.Groups["width"]) ?? 0;
        var precision = Count(field.Groups["precision"]);
        if (width < 0)
        {
            (flags, width) = (flags + "-", -width);
        }

        JinjaBudget.CheckLength(width);
        if (type == '%')
        {
            return field.Length == 2 ? "%" : throw JinjaFault.Because($"the format '{field.Value}' is not valid");
        }

        var value = field.Groups["key"].Success ? keyed : Next();
        var (prefix, text) = Convert(value, type, flags, precision);
        var missing = width - CodePoints.Count(prefix) - CodePoints.Count(text);
        if (missing <= 0)
        {
            return prefix + text;
        }

        var fill = new string(' ', (int)missing);
        return flags.Contains('-') ? prefix + text + fill
            : flags.Contains('0') && type is not ('s' or 'r' or 'a' or 'c') ? prefix + fill.Replace(' ', '0') + text
            : fill + prefix + text;
    }

    private (string Prefix, string Text) Convert(object? value, char type, string flags, long? precision)
    {
        switch (type)
        {
            case 's' or 'r' or 'a':
                var text = type switch
                {
                    's' => JinjaFormat.ToText(value, _budget),
                    'r' => JinjaFormat.Repr(value, _budget),
                    _ => JinjaFormat.Ascii(value, _budget),
                };
                return (
                    "", precision is { } most && CodePoints.Count(text) > most
                        ? text[..CodePoints.ToUnits(text, Math.Max(0, most))]
                        : text);
            case 'c':
                return ("", Character(value));
        }

        var number = PythonNumbers.Of(value) ?? throw (value is JinjaUndefined undefined
            ? undefined.Fault()
            : JinjaFault.Because($"a format's %{type} is given {JinjaFault.KindOf(value)}"));
        if (type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G')
        {
            var real = PythonNumbers.ToDouble(number);
            return (
                Sign(double.IsNegative(real) && !double.IsNaN(real), flags),
                FloatText.Write(real, type, precision ?? 6, flags.Contains('#')));
        }

        if (number is double fraction)
        {
            number = type is 'o' or 'x' or 'X'
                ? throw JinjaFault.Because($"a format's %{type} is given a floating-point number")
                : PythonNumbers.Truncate(fraction);
        }

        var whole = PythonNumbers.Whole(number);
        JinjaBudget.CheckLength(precision ?? 0);
        var digits = Digits(BigInteger.Abs(whole), type).PadLeft((int)Math.Max(0, precision ?? 0), '0');
        var mark = flags.Contains('#') && type is 'o' or 'x' or 'X' && flags.Contains('#') ? "0" + type : "";
        return (Sign(whole.Sign < 0, flags) + mark, digits);
    }

    private static string Character(object? value)
    {
        if (PythonText.Of(value) is { } text)
        {
            return CodePoints.Count(text) == 1 ? text : throw JinjaFault.Because("a format's %c is given more than one character");
        }

        return PythonNumbers.Of(value) is long code and >= 0 and <= 0x10FFFF
            ? CodePoints.Of((int)code)
            : throw JinjaFault.Because($"a format's %c is given {JinjaFault.KindOf(value)}");
    }

    private static string Sign(bool isNegative, string flags) =>
        isNegative ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";
}
