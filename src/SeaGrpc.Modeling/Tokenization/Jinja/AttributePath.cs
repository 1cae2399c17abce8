using System.Globalization;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The filter argument <c>attribute</c>: a number, or names and numbers separated by dots.</summary>
internal sealed class AttributePath(JinjaLookup lookup)
{
    /// <summary>Returns a function from an item to the attribute's value.</summary>
    /// <param name="attribute">The argument; null for the item itself.</param>
    /// <param name="otherwise">Replaces an undefined value on the path, or null.</param>
    internal Func<object?, object?> Read(object? attribute, object? otherwise = null)
    {
        object?[] parts = attribute switch
        {
            null => [],
            _ when PythonText.Of(attribute) is { } text => [.. text.Split('.').Select(Part)],
            _ => [attribute],
        };
        return item =>
        {
            foreach (var part in parts)
            {
                item = lookup.Item(item, part);
                item = item is JinjaUndefined && otherwise is not null ? otherwise : item;
            }

            return item;
        };
    }

    private static object Part(string text) => text.Length > 0 && text.All(char.IsAsciiDigit) && text.Length < 18
        ? long.Parse(text, CultureInfo.InvariantCulture)
        : text;
}
