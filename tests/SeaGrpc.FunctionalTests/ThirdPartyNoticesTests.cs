using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>
/// THIRD-PARTY-NOTICES.md lists every package whose files the programs contain. With SEAGRPC_WRITE_PAGES=1 the test writes it.
/// </summary>
public sealed class ThirdPartyNoticesTests
{
    private const string Heading = """
        # Third-party notices

        The programs that a build of `src` makes contain files of these NuGet packages, unchanged except for the native library of
        TorchSharp (docs/decisions/0001-torchsharp-native-library.md). Builds with `-p:Accelerator=external`, which the release archives
        and the .NET tool are, contain no libtorch, and so none of the packages marked with an asterisk. Their content is PyTorch's, under
        BSD-3-Clause. The release archives also contain the .NET runtime and ASP.NET Core, by .NET Foundation and Contributors, under MIT.

        A test writes this list from the resolved packages, and fails if it is out of date. `eng/release.sh sbom FOLDER` writes the same
        as a bill of materials in CycloneDX, with hashes.

        | package | version | licence | authors |
        |---|---|---|---|

        """;

    private static string Page => Path.Combine(Repository.Root, "THIRD-PARTY-NOTICES.md");

    [Fact]
    public void Every_package_that_the_programs_contain_is_listed_with_its_licence()
    {
        var page = new StringBuilder(Heading.ReplaceLineEndings("\n"));
        foreach (string row in Rows())
        {
            page.Append(row).Append('\n');
        }

        if (Environment.GetEnvironmentVariable("SEAGRPC_WRITE_PAGES") == "1")
        {
            File.WriteAllText(Page, page.ToString());
        }

        Assert.Equal(page.ToString(), File.ReadAllText(Page));
    }

    private static IEnumerable<string> Rows()
    {
        using JsonDocument assets = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Repository.Root, "src", "SeaGrpc.Cli", "obj", "project.assets.json")));
        string[] folders = [.. assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name)];
        JsonElement target = assets.RootElement.GetProperty("targets").EnumerateObject()
            .Single(each => each.Name.Contains('/', StringComparison.Ordinal)).Value;
        foreach (JsonProperty library in target.EnumerateObject().OrderBy(library => library.Name, StringComparer.OrdinalIgnoreCase))
        {
            bool isNative = HasFiles(library.Value, "native");
            if (library.Value.GetProperty("type").GetString() != "package" || !(isNative || HasFiles(library.Value, "runtime")))
            {
                continue;
            }

            string path = assets.RootElement.GetProperty("libraries").GetProperty(library.Name).GetProperty("path").GetString()!;
            XElement metadata = Metadata(folders.Select(folder => Path.Combine(folder, path)).First(Directory.Exists));
            XNamespace names = metadata.Name.Namespace;
            XElement licence = metadata.Element(names + "license")!;
            Assert.True((string?)licence.Attribute("type") == "expression", $"{library.Name} names no licence: add it here by hand.");
            string[] name = library.Name.Split('/');
            string mark = name[0].StartsWith("libtorch", StringComparison.OrdinalIgnoreCase) ? " *" : "";
            yield return $"| {name[0]}{mark} | {name[1]} | {licence.Value} | {metadata.Element(names + "authors")!.Value} |";
        }
    }

    private static bool HasFiles(JsonElement library, string kind) =>
        library.TryGetProperty(kind, out JsonElement files)
        && files.EnumerateObject().Any(file => !file.Name.EndsWith("/_._", StringComparison.Ordinal));

    private static XElement Metadata(string folder) =>
        XDocument.Load(Directory.GetFiles(folder, "*.nuspec").Single()).Root!.Elements().Single(each => each.Name.LocalName == "metadata");
}
