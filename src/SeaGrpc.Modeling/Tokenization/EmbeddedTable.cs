namespace SeaGrpc.Modeling.Tokenization;

/// <summary>
/// A table of characters in the assembly: sections that begin with their name in brackets, lines of fields with a space between, and
/// comments behind #.
/// </summary>
internal static class EmbeddedTable
{
    /// <summary>All lines of fields, each with its section's name.</summary>
    /// <param name="file">The resource's file name.</param>
    /// <exception cref="InvalidOperationException">The assembly was built without it.</exception>
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
