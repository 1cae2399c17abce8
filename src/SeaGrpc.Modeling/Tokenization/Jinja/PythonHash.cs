using System.Numerics;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Defines which values can be keys, and which of them are the same key.</summary>
internal static class PythonHash
{
    /// <summary>Maximum number of parts, at all levels, of a tuple that is a key.</summary>
    private const int MaxParts = 1000;

    /// <summary>A hash code that equal values share.</summary>
    /// <exception cref="ChatTemplateException">
    /// The value is a list or mapping, which cannot be hashed, or a tuple that contains one.
    /// </exception>
    internal static int Of(object? value)
    {
        var parts = 0;
        return Of(value, ref parts);
    }

    internal static bool CanBeKey(object? value) => value switch
    {
        List<object?> or JinjaMap => false,
        JinjaTuple tuple => tuple.Items.All(item => item is not (List<object?> or JinjaMap)),
        _ => true,
    };

    internal static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (JinjaTuple a, JinjaTuple b) =>
            a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second)),
        (JinjaUndefined, JinjaUndefined) => true,
        _ when PythonText.Of(left) is { } a && PythonText.Of(right) is { } b => a == b,
        _ when PythonNumbers.Of(left) is { } a && PythonNumbers.Of(right) is { } b => PythonNumbers.Compare(a, b) == 0,
        _ => Equals(left, right),
    };

    private static int Of(object? value, ref int parts)
    {
        if (++parts > MaxParts)
        {
            throw JinjaFault.Because($"a key has more than {MaxParts} parts");
        }

        switch (value)
        {
            case null:
                return 0;
            case bool truth:
                return (truth ? 1L : 0L).GetHashCode();
            case double number when double.IsFinite(number) && Math.Floor(number) == number:
                return Math.Abs(number) < 9e18 ? ((long)number).GetHashCode() : new BigInteger(number).GetHashCode();
            case JinjaMarkup markup:
                return markup.Text.GetHashCode(StringComparison.Ordinal);
            case JinjaUndefined:
                return 1;
            case List<object?> or JinjaMap:
                throw JinjaFault.Because($"{JinjaFault.KindOf(value)} cannot be a key");
            case JinjaTuple tuple:
                var hash = 17;
                foreach (var item in tuple.Items)
                {
                    hash = HashCode.Combine(hash, Of(item, ref parts));
                }

                return hash;
            default:
                return value.GetHashCode();
        }
    }
}
