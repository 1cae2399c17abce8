using System.Text.RegularExpressions;

namespace SeaGrpc.FunctionalTests.Architecture;

/// <summary>One folder's use of another beside it.</summary>
/// <param name="House">The namespace around both.</param>
/// <param name="From">The folder that uses.</param>
/// <param name="To">The folder that is used.</param>
internal sealed partial record FolderUse(string House, string From, string To)
{
    /// <summary>The uses in C# files whose namespaces are their folders: by using directives, and by names with a namespace before them.</summary>
    /// <param name="texts">The files' texts.</param>
    public static IEnumerable<FolderUse> In(IEnumerable<string> texts)
    {
        (string Namespace, string Text)[] files = [.. texts
            .Select(text => (Namespace: NamespaceLine().Match(text), Text: text))
            .Where(file => file.Namespace.Success)
            .Select(file => (file.Namespace.Groups[1].Value, file.Text))];
        ILookup<string, string> types = files
            .SelectMany(file => TypeLine().Matches(file.Text).Select(type => (file.Namespace, Name: type.Groups[1].Value)))
            .ToLookup(type => type.Namespace, type => type.Name);
        return files
            .SelectMany(file => UsedBy(file.Namespace, file.Text, types).Select(used => Between(file.Namespace, used)))
            .OfType<FolderUse>()
            .Distinct();
    }

    private static IEnumerable<string> UsedBy(string from, string text, ILookup<string, string> types)
    {
        IEnumerable<string> directives = UsingLine().Matches(text)
            .Select(line => types.Select(known => known.Key)
                .Where(name => line.Groups[1].Value == name || line.Groups[1].Value.StartsWith($"{name}.", StringComparison.Ordinal))
                .MaxBy(name => name.Length))
            .OfType<string>();
        // Names may leave out what is around both: Rewards.RewardRows in SeaGrpc.Alignment.Sea.
        IEnumerable<string> names = QualifiedName().Matches(text).SelectMany(name => types
            .Where(known => $".{known.Key}".EndsWith($".{name.Groups[1].Value}", StringComparison.Ordinal) && known.Contains(name.Groups[2].Value))
            .Select(known => known.Key)
            .Where(known => known.Split('.')[1] == from.Split('.')[1]));
        return directives.Concat(names);
    }

    /// <summary>The two folders under what is around both; null where one of them is around the other, or they are of different projects.</summary>
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

    [GeneratedRegex(@"^(?:(?:public|internal|static|sealed|abstract|readonly|partial|unsafe|ref|file) )*(?:class|record struct|record|struct|interface|enum|delegate [^(]*?) ?(\w+)\b(?=[\s<(:;{]|$)", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"(?<![\w.])(?:global::)?((?:[A-Z]\w*\.)*[A-Z]\w*)\.([A-Z]\w*)")]
    private static partial Regex QualifiedName();
}
