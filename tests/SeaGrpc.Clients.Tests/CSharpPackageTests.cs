using System.IO.Compression;
using System.Xml.Linq;
using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>The C# client as a NuGet package.</summary>
public sealed class CSharpPackageTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    /// <summary>Its packages are its own, so that none of another build is taken; those that the client needs are there already.</summary>
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <RestorePackagesPath>packages</RestorePackagesPath>
            <RestoreFallbackFolders>$(NuGetPackageRoot)</RestoreFallbackFolders>
            <RestoreAdditionalProjectSources>$(MSBuildProjectDirectory)/../feed</RestoreAdditionalProjectSources>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="SeaGrpc.Client" Version="0.1.0" />
          </ItemGroup>
        </Project>
        """;

    [Fact]
    public async Task It_packs_from_a_fresh_checkout_and_another_project_runs_on_it()
    {
        using var folder = new TemporaryFolder();
        Checkout checkout = Checkout.Of(
            folder.Path,
            "clients/csharp",
            "protos",
            "Directory.Build.props",
            "Directory.Build.targets",
            "Directory.Packages.props",
            "global.json",
            ".editorconfig",
            "build"
        );
        await checkout.RunAsync(
            "/usr/bin/env",
            "dotnet",
            "pack",
            "clients/csharp/SeaGrpc.Client",
            "-c",
            "Release",
            "-o",
            "feed",
            "-v",
            "quiet"
        );
        AssertDescribed(folder.File("feed/SeaGrpc.Client.0.1.0.nupkg"));
        using var other = new TemporaryFolder();
        await File.WriteAllTextAsync(
            other.File("Other.csproj"),
            Project.Replace("$(MSBuildProjectDirectory)/../feed", folder.File("feed"), StringComparison.Ordinal)
        );
        var project = new Checkout(other.Path);
        await new ReadmePage("clients/csharp/README.md", "csharp").CompareAsync(server.Address, async code =>
        {
            await File.WriteAllTextAsync(other.File("Program.cs"), code);
            return (await project.RunAsync("/usr/bin/env", "dotnet", "run", "-c", "Release")).Output;
        });
    }

    /// <summary>What an index shows of it: its license, where its source is, its page; and what an editor shows of its members.</summary>
    private static void AssertDescribed(string package)
    {
        using ZipArchive files = ZipFile.OpenRead(package);
        Assert.Contains("README.md", files.Entries.Select(file => file.FullName));
        Assert.Contains("lib/net10.0/SeaGrpc.Client.xml", files.Entries.Select(file => file.FullName));
        using Stream stream = files.GetEntry("SeaGrpc.Client.nuspec")!.Open();
        XElement metadata = XDocument.Load(stream).Root!.Elements().Single();
        Dictionary<string, string> values = metadata.Elements().ToDictionary(each => each.Name.LocalName, each => each.Value);
        Assert.Equal("Apache-2.0", values["license"]);
        Assert.Equal("README.md", values["readme"]);
        Assert.Contains("grpc", values["tags"].Split(' '));
        XElement repository = metadata.Elements().Single(each => each.Name.LocalName == "repository");
        Assert.Equal("git", (string?)repository.Attribute("type"));
        Assert.Equal(values["projectUrl"], (string?)repository.Attribute("url"));
        Assert.True(File.Exists(Path.ChangeExtension(package, ".snupkg")), "Its symbols are not beside it.");
    }
}
