namespace SeaGrpc.Alignment.Parameters;

/// <summary>The brackets after a method's name: <c>sea[chains=2]</c>.</summary>
public static class MethodBrackets
{
    /// <summary>Splits a text.</summary>
    /// <returns>The text before the brackets, and the text inside them, which is empty if there are none.</returns>
    /// <exception cref="ArgumentException">The brackets do not close at the end.</exception>
    public static (string Name, string Assignments) Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int open = text.IndexOf('[', StringComparison.Ordinal);
        return open < 0 ? (text, "")
            : text.EndsWith(']') ? (text[..open], text[(open + 1)..^1])
            : throw new ArgumentException($"{text} has no closing bracket: write name[key=value,key=value].");
    }

    /// <summary>Adds parameters to a text that may already have some. The last value of a key counts.</summary>
    public static string Join(string text, string assignments)
    {
        (string name, string own) = Split(text);
        string all = string.Join(',', new[] { own, assignments }.Where(part => part.Length > 0));
        return all.Length == 0 ? name : $"{name}[{all}]";
    }
}
