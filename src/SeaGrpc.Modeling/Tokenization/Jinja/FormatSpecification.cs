using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>
/// The specification after the colon in a field of Python's str.format: fill, alignment, sign, width, grouping, precision, type.
/// </summary>
internal sealed partial class FormatSpecification
{
    private readonly string _fill;
    private readonly char? _align;
    private readonly string _sign;
    private readonly bool _alternate;
    private readonly bool _zeros;
    private readonly long _width;
    private readonly string _grouping;
    private readonly long? _precision;
    private readonly char? _type;

    private FormatSpecification(Match match)
    {
        _zeros = match.Groups["zero"].Success;
        _fill = match.Groups["fill"].Success ? match.Groups["fill"].Value : _zeros ? "0" : " ";
        _align = match.Groups["align"].Success ? match.Groups["align"].Value[0] : null;
        _sign = match.Groups["sign"].Value;
        _alternate = match.Groups["alternate"].Success;
        _width = Number(match.Groups["width"]) ?? 0;
        _grouping = match.Groups["grouping"].Value;
        _precision = Number(match.Groups["precision"]);
        _type = match.Groups["type"].Success ? match.Groups["type"].Value[0] : null;
    }

    [GeneratedRegex(
        @"^(?:(?<fill>[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S])?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?(?<width>[0-9]+)?"
        + @"(?<grouping>[,_])?(?:\.(?<precision>[0-9]+))?(?<type>[bcdeEfFgGnosxX%])?\z")]
    private static partial Regex Form { get; }

    /// <summary>Formats a value.</summary>
    internal static string Apply(object? value, string specification, JinjaBudget budget)
    {
        if (specification.Length == 0)
        {
            return JinjaFormat.ToText(value, budget);
        }

        if (PythonText.Of(value) is null && PythonNumbers.Of(value) is null)
        {
            throw JinjaFault.Because(
                $"{JinjaFault.KindOf(value)} is given the format '{specification}', and only text and numbers have one");
        }

        var match = Form.Match(specification);
        if (!match.Success)
        {
            throw JinjaFault.Because($"the format '{specification}' is not valid");
        }

        var form = new FormatSpecification(match);
        return value switch
        {
            double number => form.Write(number),
            _ => PythonText.Of(value) is { } text ? form.Write(text) : form.Write(PythonNumbers.Whole(PythonNumbers.Of(value)!)),
        };
    }

    private static long? Number(Group group) => !group.Success ? null
        : long.TryParse(group.Value, CultureInfo.InvariantCulture, out var number) && number <= JinjaBudget.MaxCharacters
            ? number
            : throw JinjaFault.Because($"a format asks for {group.Value} characters");

    private static ChatTemplateException Wrong(string kind) =>
        JinjaFault.Because($"a format for {kind} has a part that {kind} does not take");

    private string Write(string text)
    {
        if (_type is not (null or 's') || _sign.Length > 0 || _alternate || _grouping.Length > 0 || _align == '=')
        {
            throw Wrong("text");
        }

        var cut = _precision is { } most && CodePoints.Count(text) > most ? text[..CodePoints.ToUnits(text, most)] : text;
        return Pad("", cut, _align ?? '<');
    }

    private string Write(BigInteger number)
    {
        if (_type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%')
        {
            return Write(PythonNumbers.ToDouble(PythonNumbers.Of(number)));
        }

        if (_precision is not null
            || _type == 's'
            || (_grouping.Length > 0 && (_type is 'c' or 'n' || (_grouping == "," && _type is not (null or 'd')))))
        {
            throw Wrong("a whole number");
        }

        if (_type == 'c')
        {
            return _sign.Length > 0 || _alternate || number < 0 || number > 0x10FFFF
                ? throw Wrong("a character")
                : Pad("", CodePoints.Of((int)number), _align ?? (_zeros ? '=' : '<'));
        }

        var digits = PercentFormat.Digits(BigInteger.Abs(number), _type ?? 'd');
        var prefix = Sign(number.Sign < 0) + (_alternate && _type is 'b' or 'o' or 'x' or 'X' && _alternate ? "0" + _type : "");
        return WriteNumber(prefix, digits, "", _type is 'b' or 'o' or 'x' or 'X' ? 4 : 3);
    }

    private string Write(double number)
    {
        if (_type is 'b' or 'c' or 'd' or 'o' or 's' or 'x' or 'X' || (_grouping.Length > 0 && _type == 'n'))
        {
            throw Wrong("a number");
        }

        var percent = _type == '%';
        var value = percent ? number * 100 : number;
        var text = _type is null && _precision is null
            ? PythonDecimal.Shortest(Math.Abs(value))
            : FloatText.Write(value, percent ? 'f' : _type is 'n' ? 'g' : _type ?? ' ', _precision ?? 6, _alternate);
        var end = 0;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return WriteNumber(Sign(double.IsNegative(number) && !double.IsNaN(number)), text[..end], text[end..] + (percent ? "%" : ""), 3);
    }

    private string WriteNumber(string prefix, string whole, string rest, int size)
    {
        // Leading zeros are grouped too.
        var align = _align ?? (_zeros ? '=' : '>');
        if (_grouping.Length > 0)
        {
            whole = Group(whole, size);
            while (align == '=' && _fill == "0" && whole.Length > 0 && prefix.Length + whole.Length + rest.Length < _width)
            {
                whole = Group("0" + whole.Replace(_grouping, "", StringComparison.Ordinal), size);
            }
        }

        return Pad(prefix, whole + rest, align);
    }

    private string Group(string digits, int size)
    {
        var groups = new List<string>();
        for (var end = digits.Length; end > 0; end -= size)
        {
            groups.Insert(0, digits[Math.Max(0, end - size)..end]);
        }

        return string.Join(_grouping, groups);
    }

    private string Sign(bool isNegative) => isNegative ? "-" : _sign is "+" or " " ? _sign : "";

    private string Pad(string prefix, string text, char align)
    {
        var missing = _width - CodePoints.Count(prefix) - CodePoints.Count(text);
        if (missing <= 0)
        {
            return prefix + text;
        }

        var before = align switch { '<' => 0, '^' => missing / 2, _ => missing };
        var (left, right) = (PythonText.Repeat(_fill, before), PythonText.Repeat(_fill, missing - before));
        return align == '=' ? prefix + left + text : left + prefix + text + right;
    }
}
