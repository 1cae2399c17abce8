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
            folder.Path, "clients/csharp", "protos", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props",
            "global.json", ".editorconfig", "build");
        await checkout.RunAsync(
            "/usr/bin/env", "dotnet", "pack", "clients/csharp/SeaGrpc.Client", "-c", "Release", "-o", "feed", "-v", "quiet");
        using var other = new TemporaryFolder();
        await File.WriteAllTextAsync(
            other.File("Other.csproj"),
            Project.Replace("$(MSBuildProjectDirectory)/../feed", folder.File("feed"), StringComparison.Ordinal));
        var project = new Checkout(other.Path);
        await new ReadmePage("clients/csharp/README.md", "csharp").CompareAsync(server.Address, async code =>
        {
            await File.WriteAllTextAsync(other.File("Program.cs"), code);
            return (await project.RunAsync("/usr/bin/env", "dotnet", "run", "-c", "Release")).Output;
        });
    }
}
