using System.Xml.Linq;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>Dependencies point one way (docs/architecture.md).</summary>
[Trait("tier", "quick")]
public sealed class ArchitectureTests
{
    internal static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["SeaGrpc.Modeling"] = [],
        ["SeaGrpc.Alignment"] = ["SeaGrpc.Modeling"],
        ["SeaGrpc.Serving"] = ["SeaGrpc.Alignment"],
        ["SeaGrpc.Server"] = ["SeaGrpc.Serving"],
        ["SeaGrpc.Cli"] = ["SeaGrpc.Server"],
        ["SeaGrpc.Lab"] = ["SeaGrpc.Cli"],
        ["SeaGrpc.Bench"] = ["SeaGrpc.Lab"],
    };

    private const int MaxLineLength = 140;

    private static readonly string[] Built = ["/obj/", "/bin/"];

    /// <summary>How lines begin that cannot be broken.</summary>
    private static readonly string[] Unbroken = ["@\"", "$@\"", "\"\"\"", "[InlineData(", "\"{%", "\"{{"];

    /// <summary>Folders whose code may name tensors.</summary>
    private static readonly string[] Tensors = [
        "src/SeaGrpc.Modeling", "src/SeaGrpc.Alignment", "lab/SeaGrpc.Lab/Training", "bench/SeaGrpc.Bench"];

    public static TheoryData<string> Projects => [.. ((string[])["src", "lab", "bench"])
        .SelectMany(
            part => Directory.GetDirectories(Path.Combine(Repository.Root, part)).Select(folder => $"{part}/{Path.GetFileName(folder)}"))];

    [Fact]
    public void Src_holds_what_a_user_runs_and_nothing_else() => Assert.Equal(
        ["SeaGrpc.Alignment", "SeaGrpc.Cli", "SeaGrpc.Modeling", "SeaGrpc.Server", "SeaGrpc.Serving"],
        Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_those_below_it(string project)
    {
        string name = Path.GetFileName(project);
        XDocument file = XDocument.Load(Path.Combine(Repository.Root, project, $"{name}.csproj"));
        IEnumerable<string> references = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
        Assert.True(Allowed.ContainsKey(name), $"{project} has no place in the order yet.");
        Assert.Empty(references.Except(Allowed[name]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_models_algorithms_training_and_benchmarks_name_tensors(string project) => Assert.All(
        FilesWith(project, "TorchSharp").Select(file => Path.GetRelativePath(Repository.Root, file)),
        file => Assert.Contains(Tensors, folder => file.StartsWith(folder + "/", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_server_and_the_programs_that_call_it_name_the_contracts_types(string project)
    {
        if (project is not ("src/SeaGrpc.Server" or "src/SeaGrpc.Cli" or "lab/SeaGrpc.Lab" or "bench/SeaGrpc.Bench"))
        {
            Assert.Empty(FilesWith(project, "SeaGrpc.V1", "Google.Protobuf", "Grpc.Core"));
        }
    }

    /// <summary>Raw text, patterns and the data of theories are longer where they must be.</summary>
    [Theory]
    [InlineData("src")]
    [InlineData("lab")]
    [InlineData("bench")]
    [InlineData("build")]
    [InlineData("clients/csharp")]
    [InlineData("tests")]
    public void Lines_of_code_have_at_most_140_characters(string part) => Assert.Empty(
        SourceFiles(part).SelectMany(file => LongLines(File.ReadAllLines(file)).Select(number => $"{file}:{number}")));

    private static IEnumerable<int> LongLines(string[] lines)
    {
        bool raw = false;
        for (int i = 0; i < lines.Length; i++)
        {
            string text = lines[i].TrimStart();
            bool exempt = raw || Unbroken.Any(start => text.StartsWith(start, StringComparison.Ordinal));
            raw ^= lines[i].Split("\"\"\"").Length % 2 == 0;
            if (!exempt && lines[i].EnumerateRunes().Count() > MaxLineLength)
            {
                yield return i + 1;
            }
        }
    }

    private static IEnumerable<string> FilesWith(string project, params string[] words) =>
        SourceFiles(project).Where(file => words.Any(word => File.ReadAllText(file).Contains(word, StringComparison.Ordinal)));

    private static IEnumerable<string> SourceFiles(string part) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, part), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Built.Any(built => file.Contains(built, StringComparison.Ordinal)));
}
