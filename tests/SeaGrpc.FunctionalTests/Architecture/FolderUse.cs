using System.Text.RegularExpressions;

namespace SeaGrpc.FunctionalTests.Architecture;

/// <summary>One folder's use of another beside it.</summary>
/// <param name="House">The namespace around both.</param>
/// <param name="From">The folder that uses.</param>
/// <param name="To">The folder that is used.</param>
internal sealed partial record FolderUse(string House, string From, string To)
{
    /// <summary>
    /// The uses in C# files whose namespaces are their folders: by using directives, and by names with a namespace before them.
    /// </summary>
    /// <param name="texts">The files' texts.</param>
    public static IEnumerable<FolderUse> In(IEnumerable<string> texts)
    {
        (string Namespace, string Text)[] files = [.. texts
            .Select(text => (Namespace: NamespaceLine().Match(text), Text: text))
            .Where(file => file.Namespace.Success)
            .Select(file => (file.Namespace.Groups[1].Value, file.Text))];
        HashSet<string> namespaces = [.. files.Select(file => file.Namespace)];
        // Names may leave out what is around both: Rewards.RewardRows in SeaGrpc.Alignment.Sea.
        ILookup<string, string> names = files
            .SelectMany(file => TypeLine().Matches(file.Text).SelectMany(type =>
                Endings(file.Namespace.Split('.')).Select(ending => (Name: $"{ending}.{type.Groups[1].Value}", file.Namespace))))
            .ToLookup(type => type.Name, type => type.Namespace);
        return files
            .SelectMany(
                file => Directives(file.Text, namespaces).Concat(Names(file.Text, names)).Select(used => Between(file.Namespace, used)))
            .OfType<FolderUse>()
            .Distinct();
    }

    private static IEnumerable<string> Directives(string text, IReadOnlySet<string> namespaces) => UsingLine().Matches(text)
        .Select(line => Beginnings(line.Groups[1].Value.Split('.')).LastOrDefault(namespaces.Contains))
        .OfType<string>();

    private static IEnumerable<string> Names(string text, ILookup<string, string> names) => QualifiedName().Matches(text)
        .SelectMany(path => Beginnings(path.Groups[1].Value.Split('.')))
        .Distinct()
        .SelectMany(name => names[name]);

    private static IEnumerable<string> Beginnings(string[] parts) =>
        Enumerable.Range(1, parts.Length).Select(count => string.Join('.', parts[..count]));

    private static IEnumerable<string> Endings(string[] parts) =>
        Enumerable.Range(1, parts.Length).Select(count => string.Join('.', parts[^count..]));

    /// <summary>
    /// The two folders under what is around both; null if one of them is around the other, or they are of different projects.
    /// </summary>
    private static FolderUse? Between(string from, string to)
    {
        string[] ours = from.Split('.');
        string[] theirs = to.Split('.');
        int common = ours.Zip(theirs).TakeWhile(pair => pair.First == pair.Second).Count();
        return common < 2 || common == ours.Length || common == theirs.Length
            ? null
            : new FolderUse(string.Join('.', ours[..common]), ours[common], theirs[common]);
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?(?:global::)?(SeaGrpc[\w.]*)", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(
        @"^(?:(?:public|internal|static|sealed|abstract|readonly|partial|unsafe|ref|file) )*"
        + @"(?:(?:class|record struct|record class|record|struct|interface|enum) |delegate (?:[^( ]+ )+)(\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"(?<![\w.])(?:global::)?([A-Z]\w*(?:\.[A-Z]\w*)+)")]
    private static partial Regex QualifiedName();
}
