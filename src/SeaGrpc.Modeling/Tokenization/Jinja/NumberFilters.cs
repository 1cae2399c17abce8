using System.Numerics;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Filters of numbers: abs, int, float, round, filesizeformat.</summary>
internal sealed class NumberFilters(JinjaBudget budget)
{
    private static readonly string[] Units = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];

    internal static object Abs(object? value, JinjaValues arguments)
    {
        arguments.Expect("abs", 0, 0);
        return Number("abs", value) switch
        {
            double real => Math.Abs(real),
            var whole => PythonNumbers.Of(BigInteger.Abs(PythonNumbers.Whole(whole))),
        };
    }

    internal object? ToWhole(object? value, JinjaValues arguments)
    {
        arguments.Expect("int", 0, "default", "base");
        var otherwise = arguments.Get(0, "default", 0L);
        if (PythonText.Of(value) is { } text)
        {
            var numberBase = arguments.Get(1, "base", 10L);
            var whole = PythonNumbers.Of(numberBase) is long given ? PythonParsing.Whole(budget.Touch(text), given) : null;
            return whole ?? (PythonParsing.Real(text) is { } real && double.IsFinite(real) ? PythonNumbers.Truncate(real) : otherwise);
        }

        return PythonNumbers.Of(value) switch
        {
            double real => double.IsFinite(real) ? PythonNumbers.Truncate(real) : otherwise,
            { } whole => whole,
            _ => value is JinjaUndefined undefined ? throw undefined.Fault() : otherwise,
        };
    }

    internal object? ToReal(object? value, JinjaValues arguments)
    {
        var otherwise = arguments.Expect("float", 0, "default").Get(0, "default", 0.0);
        return PythonText.Of(value) is { } text ? PythonParsing.Real(budget.Touch(text)) ?? otherwise
            : PythonNumbers.Of(value) is { } number ? PythonNumbers.ToDouble(number)
            : value is JinjaUndefined undefined ? throw undefined.Fault() : otherwise;
    }

    internal static object Round(object? value, JinjaValues arguments)
    {
        arguments.Expect("round", 0, "precision", "method");
        var method = arguments.Text(1, "method", "common");
        if (method is not ("common" or "ceil" or "floor"))
        {
            throw JinjaFault.Because($"round knows the methods common, ceil and floor, and is given '{method}'");
        }

        var number = Number("round", value);
        if (method == "common")
        {
            var places = arguments.Get(0, "precision", 0L);
            return number is double real
                ? places is null
                    ? PythonNumbers.Truncate(Math.Round(real, MidpointRounding.ToEven))
                    : PythonDecimal.Round(real, PythonNumbers.Clamp(places, "precision"))
                : RoundWhole(PythonNumbers.Whole(number), places is null ? 0 : PythonNumbers.Clamp(places, "precision"));
        }

        var scale = PythonNumbers.Apply("**", 10L, Number("round", arguments.Get(0, "precision", 0L)));
        var scaled = PythonNumbers.Apply("*", number, scale);
        var cut = scaled is double product
            ? PythonNumbers.Truncate(method == "ceil" ? Math.Ceiling(product) : Math.Floor(product))
            : scaled;
        return PythonNumbers.Apply("/", cut, scale);
    }

    internal string FileSize(object? value, JinjaValues arguments)
    {
        var isBinary = arguments.Expect("filesizeformat", 0, "binary").Truth(0, "binary");
        var bytes = PythonText.Of(value) is { } text
            ? PythonParsing.Real(text) ?? throw JinjaFault.Because($"the filter 'filesizeformat' is given '{text}'")
            : PythonNumbers.ToDouble(Number("filesizeformat", value));
        var size = isBinary ? 1024L : 1000L;
        if (bytes < size)
        {
            return bytes == 1 ? "1 Byte" : $"{JinjaFormat.ToText(PythonNumbers.Truncate(bytes), budget)} Bytes";
        }

        var power = 2;
        while (power < Units.Length && !(bytes < PythonNumbers.ToDouble(PythonNumbers.Apply("**", size, (long)power))))
        {
            power++;
        }

        power = Math.Min(power, Units.Length);
        var shown = size * bytes / PythonNumbers.ToDouble(PythonNumbers.Apply("**", size, (long)power));
        var unit = isBinary ? Units[power - 1].ToUpperInvariant() + "iB" : Units[power - 1] + "B";
        return $"{(double.IsNegative(shown) ? "-" : "")}{FloatText.Write(shown, 'f', 1, false)} {unit}";
    }

    // Rounds half to even.
    private static object RoundWhole(BigInteger value, long places)
    {
        if (places >= 0)
        {
            return PythonNumbers.Of(value);
        }

        var unit = BigInteger.Pow(10, (int)Math.Min(-places, JinjaBudget.MaxDigits));
        var (quotient, rest) = PythonNumbers.FloorDivide(value, unit);
        var half = (rest * 2).CompareTo(unit);
        return PythonNumbers.Of((half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient) * unit);
    }

    private static object Number(string filter, object? value) => PythonNumbers.Of(value) ?? throw (value is JinjaUndefined undefined
        ? undefined.Fault()
        : JinjaFault.Because($"the filter '{filter}' has no meaning for {JinjaFault.KindOf(value)}"));
}
