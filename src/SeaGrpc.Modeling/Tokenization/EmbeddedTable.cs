namespace SeaGrpc.Modeling.Tokenization;

/// <summary>
/// An embedded table of characters: sections with a name in brackets, lines of fields separated by spaces, and comments after #.
/// </summary>
internal static class EmbeddedTable
{
    /// <summary>All lines of fields, each with the name of its section.</summary>
    /// <param name="file">The resource's file name.</param>
    /// <exception cref="InvalidOperationException">The assembly does not contain the file.</exception>
    public static IEnumerable<(string Section, string[] Fields)> Read(string file)
    {
        string resource = $"SeaGrpc.Modeling.Tokenization.{file}";
        using Stream stream = typeof(EmbeddedTable).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource {resource} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        string section = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']');
            }
            else if (!line.StartsWith('#'))
            {
                yield return (section, line.Split(' '));
            }
        }
    }
}
