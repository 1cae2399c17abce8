namespace SeaGrpc.Alignment.Parameters;

/// <summary>The brackets after a method's name: <c>sea[chains=2]</c>.</summary>
public static class MethodBrackets
{
    /// <summary>Takes a text apart.</summary>
    /// <returns>What stands before the brackets and what stands in them; that is empty if there are none.</returns>
    /// <exception cref="ArgumentException">The brackets do not close at the end.</exception>
    public static (string Name, string Assignments) Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int open = text.IndexOf('[', StringComparison.Ordinal);
        return open < 0 ? (text, "")
            : text.EndsWith(']') ? (text[..open], text[(open + 1)..^1])
            : throw new ArgumentException($"{text} has no closing bracket: write name[key=value,key=value].");
    }

    /// <summary>Adds parameters to a text, which may have some already; the last one of a key counts.</summary>
    public static string Join(string text, string assignments)
    {
        (string name, string own) = Split(text);
        string all = string.Join(',', new[] { own, assignments }.Where(part => part.Length > 0));
        return all.Length == 0 ? name : $"{name}[{all}]";
    }
}
