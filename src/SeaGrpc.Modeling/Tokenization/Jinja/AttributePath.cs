using System.Globalization;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The argument <c>attribute</c> of filters: a number, or names and numbers with dots between.</summary>
internal sealed class AttributePath(JinjaLookup lookup)
{
    /// <summary>A way from an item to what the attribute names in it.</summary>
    /// <param name="attribute">The argument; none means the item itself.</param>
    /// <param name="otherwise">What takes the place of something undefined on the way, or null.</param>
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
