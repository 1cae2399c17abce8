using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Python's str.format: <c>{}</c>, <c>{0}</c>, <c>{name.attribute[item]!r:specification}</c>.</summary>
internal sealed class BraceFormat(JinjaBudget budget, JinjaValues arguments, JinjaMap? map = null)
{
    private const int MaxDepth = 2;

    private readonly JinjaLookup _lookup = new(budget);
    private int _next;
    private bool _counts;
    private bool _names;

    internal string Apply(string format) => Apply(format, MaxDepth);

    private string Apply(string format, int depth)
    {
        if (depth == 0)
        {
            throw JinjaFault.Because("a format's fields are nested too deep");
        }

        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c)
            {
                text.Append(c);
                i++;
            }
            else if (c == '{')
            {
                var end = EndOfField(format, i + 1);
                text.Append(budget.Touch(Field(format[(i + 1)..end], depth)));
                JinjaBudget.CheckLength(text.Length);
                i = end;
            }
            else if (c == '}')
            {
                throw JinjaFault.Because("a format has a single '}'");
            }
            else
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }

    private static int EndOfField(string format, int start)
    {
        var depth = 1;
        for (var i = start; i < format.Length; i++)
        {
            if (format[i] == '[')
            {
                i = format.IndexOf(']', i) is var close and >= 0 ? close : throw JinjaFault.Because("a format has '[' without ']'");
                continue;
            }

            depth += format[i] == '{' ? 1 : format[i] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        throw JinjaFault.Because("a format has '{' without '}'");
    }

    private string Field(string field, int depth)
    {
        // A colon or exclamation mark inside brackets belongs to a key.
        var inBrackets = false;
        var end = 0;
        for (; end < field.Length && (inBrackets || field[end] is not (':' or '!')); end++)
        {
            inBrackets = field[end] == '[' || (inBrackets && field[end] != ']');
        }

        var value = Look(field[..end]);
        var rest = field[end..];
        if (rest is ['!', ..])
        {
            if (rest.Length < 2 || (rest.Length > 2 && rest[2] != ':'))
            {
                throw JinjaFault.Because("a format's conversion must be !r, !s or !a");
            }

            value = rest[1] switch
            {
                'r' => JinjaFormat.Repr(value, budget),
                's' => JinjaFormat.ToText(value, budget),
                'a' => JinjaFormat.Ascii(value, budget),
                var other => throw JinjaFault.Because($"a format's conversion must be !r, !s or !a, and is !{other}"),
            };
            rest = rest[2..];
        }

        return FormatSpecification.Apply(value, rest.Length > 0 ? Apply(rest[1..], depth - 1) : "", budget);
    }

    private object? Look(string path)
    {
        var end = path.AsSpan().IndexOfAny('.', '[');
        var value = First(end < 0 ? path : path[..end]);
        for (var i = end < 0 ? path.Length : end; i < path.Length;)
        {
            int next;
            if (path[i] == '.')
            {
                next = path.AsSpan(i + 1).IndexOfAny('.', '[') is var at and >= 0 ? i + 1 + at : path.Length;
                value = next > i + 1
                    ? _lookup.Attribute(value, path[(i + 1)..next])
                    : throw JinjaFault.Because("a format has an empty attribute");
            }
            else
            {
                var close = path.IndexOf(']', i);
                var key = close > i + 1 ? path[(i + 1)..close] : throw JinjaFault.Because("a format has an empty key");
                value = _lookup.Item(value, key.All(char.IsAsciiDigit) && long.TryParse(key, out var number) ? number : key);
                next = close + 1;
                if (next < path.Length && path[next] is not ('.' or '['))
                {
                    throw JinjaFault.Because("only '.' or '[' may follow ']' in a format");
                }
            }

            i = next;
        }

        return value;
    }

    private object? First(string name)
    {
        if (name.Length > 0 && !name.All(char.IsAsciiDigit))
        {
            return map is not null && map.TryGet(name, out var value) ? value
                : arguments.Named.TryGetValue(name, out value) ? value
                : throw JinjaFault.Because($"a format names '{name}', which it is not given");
        }

        _counts |= name.Length == 0;
        _names |= name.Length > 0;
        if (_counts && _names)
        {
            throw JinjaFault.Because("a format has fields with and without numbers");
        }

        var place = name.Length == 0 ? _next++ : long.TryParse(name, out var number) ? number : long.MaxValue;
        return place < arguments.Positional.Count
            ? arguments.Positional[(int)place]
            : throw JinjaFault.Because($"a format has the field {place}, and is given {arguments.Positional.Count} values");
    }
}
