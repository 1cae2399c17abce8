using System.Text.RegularExpressions;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>The text of method.proto: the comments of its fields.</summary>
internal sealed partial class MethodProto
{
    private const int Width = 120;
    private const string Prefix = "  // ";

    private string _text = System.IO.File.ReadAllText(File);

    /// <summary>The file.</summary>
    public static string File { get; } = Path.Combine(Repository.Root, "protos", "sea", "v1", "method.proto");

    /// <summary>A field's comment as one line; null if there is no such field.</summary>
    public string? Comment(string message, string field) =>
        Find(message, field) is { Success: true } found
            ? string.Join(
                ' ',
                found
                    .Groups["comment"]
                    .Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => line.Trim().TrimStart('/').Trim())
            )
            : null;

    /// <summary>Replaces a field's comment.</summary>
    public void Replace(string message, string field, string comment)
    {
        Group found = Find(message, field).Groups["comment"];
        _text = _text[..found.Index] + Wrapped(comment) + _text[(found.Index + found.Length)..];
    }

    /// <summary>Writes the file.</summary>
    public void Write() => System.IO.File.WriteAllText(File, _text);

    private static string Wrapped(string comment)
    {
        var lines = new List<string> { Prefix };
        foreach (string word in comment.Split(' '))
        {
            if (lines[^1].Length + word.Length > Width)
            {
                lines.Add(Prefix);
            }

            lines[^1] += word + " ";
        }

        return string.Concat(lines.Select(line => line.TrimEnd() + "\n"));
    }

    private Match Find(string message, string field)
    {
        int start = _text.IndexOf($"message {message} {{\n", StringComparison.Ordinal);
        return start < 0
            ? Match.Empty
            : Fields()
                .Matches(_text, start)
                .TakeWhile(match => match.Groups["end"].Length == 0)
                .FirstOrDefault(match => match.Groups["field"].Value == field)
                ?? Match.Empty;
    }

    [GeneratedRegex(@"^(?<comment>(  //.*\n)*)  optional \w+ (?<field>\w+) = \d+;$|^(?<end>\})$", RegexOptions.Multiline)]
    private static partial Regex Fields();
}
