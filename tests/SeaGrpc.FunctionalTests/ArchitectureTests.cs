using System.Xml.Linq;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>Dependencies point one way (docs/architecture.md).</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["SeaGrpc.Modeling"] = [],
        ["SeaGrpc.Alignment"] = ["SeaGrpc.Modeling"],
        ["SeaGrpc.Serving"] = ["SeaGrpc.Alignment"],
        ["SeaGrpc.Server"] = ["SeaGrpc.Serving"],
        ["SeaGrpc.Worlds"] = [],
        ["SeaGrpc.Evaluation"] = ["SeaGrpc.Alignment", "SeaGrpc.Worlds"],
        ["SeaGrpc.Cli"] = ["SeaGrpc.Server", "SeaGrpc.Evaluation", "SeaGrpc.Alignment", "SeaGrpc.Modeling", "SeaGrpc.Worlds"],
    };

    public static TheoryData<string> Projects =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_those_below_it(string project)
    {
        XDocument file = XDocument.Load(Path.Combine(Repository.Root, "src", project, $"{project}.csproj"));
        IEnumerable<string> references = file.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
        Assert.True(Allowed.ContainsKey(project), $"{project} has no place in the order yet.");
        Assert.Empty(references.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_models_and_algorithms_name_tensors(string project)
    {
        if (project is not ("SeaGrpc.Modeling" or "SeaGrpc.Alignment"))
        {
            Assert.Empty(FilesWith(project, "TorchSharp"));
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_server_and_the_command_line_name_the_contracts_types(string project)
    {
        if (project is not ("SeaGrpc.Server" or "SeaGrpc.Cli"))
        {
            Assert.Empty(FilesWith(project, "SeaGrpc.V1", "Google.Protobuf", "Grpc.Core"));
        }
    }

    private static IEnumerable<string> FilesWith(string project, params string[] words)
    {
        string folder = Path.Combine(Repository.Root, "src", project);
        string[] builtFolders = [$"{folder}{Path.DirectorySeparatorChar}obj", $"{folder}{Path.DirectorySeparatorChar}bin"];
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !builtFolders.Any(built => file.StartsWith(built, StringComparison.Ordinal)))
            .Where(file => words.Any(word => File.ReadAllText(file).Contains(word, StringComparison.Ordinal)));
    }
}
