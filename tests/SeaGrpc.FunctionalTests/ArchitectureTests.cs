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

    /// <summary>Folders whose code may name tensors.</summary>
    private static readonly string[] Tensors = ["src/SeaGrpc.Modeling", "src/SeaGrpc.Alignment", "lab/SeaGrpc.Lab/Training", "bench/SeaGrpc.Bench"];

    public static TheoryData<string> Projects => [.. ((string[])["src", "lab", "bench"])
        .SelectMany(part => Directory.GetDirectories(Path.Combine(Repository.Root, part)).Select(folder => $"{part}/{Path.GetFileName(folder)}"))];

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
        IEnumerable<string> references = file.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
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

    private static IEnumerable<string> FilesWith(string project, params string[] words)
    {
        string folder = Path.Combine(Repository.Root, project);
        string[] builtFolders = [$"{folder}{Path.DirectorySeparatorChar}obj", $"{folder}{Path.DirectorySeparatorChar}bin"];
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !builtFolders.Any(built => file.StartsWith(built, StringComparison.Ordinal)))
            .Where(file => words.Any(word => File.ReadAllText(file).Contains(word, StringComparison.Ordinal)));
    }
}
