using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Modeling;
using SeaGrpc.Server;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Options;

namespace SeaGrpc.FunctionalTests;

/// <summary>What the Dockerfile takes for granted of the program and of the source tree holds.</summary>
[Trait("tier", "quick")]
public sealed class DockerfileTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"));

    private static string Assembly => typeof(SeaServer).Assembly.GetName().Name!;

    private static string Published => Path.Combine(Repository.Root, Match(@"dotnet publish (\S+) "), $"{Assembly}.csproj");

    [Fact]
    public void What_is_published_is_what_is_started_and_asked_for_its_health()
    {
        Assert.True(File.Exists(Published), Published);
        Assert.Equal($"\"dotnet\", \"{Assembly}.dll\"", Match(@"ENTRYPOINT \[(.+)\]"));
        Assert.Equal($"\"dotnet\", \"{Assembly}.dll\", \"{HealthProbe.Argument}\"", Match(@"HEALTHCHECK .*CMD \[(.+)\]"));
        Assert.Equal(Match(@"dotnet publish .* -o (\S+)"), Match(@"COPY --from=build (\S+) \."));
    }

    [Fact]
    public async Task Its_settings_are_settings_and_its_ports_are_exposed()
    {
        string[] settings = [.. Regex.Matches(Text, @"SeaGrpc__(\S+)=(\S+)")
            .Select(
                setting => $"--SeaGrpc:{setting.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal)}={setting.Groups[2].Value}")];
        await using WebApplication app = SeaServer.Build(settings);
        TransportOptions transport = app.Services.GetRequiredService<IOptions<TransportOptions>>().Value;
        Assert.Equal(Match(@"EXPOSE (.+)"), $"{Port(transport.Grpc)} {Port(transport.Http)}");
        Assert.All([transport.Grpc, transport.Http], address => Assert.StartsWith("http://*:", address));
    }

    /// <summary>A stage for each value by which Modeling chooses its packages, and for the one that needs none.</summary>
    [Fact]
    public void Every_accelerator_that_can_be_built_has_a_runtime_and_every_stage_that_is_used_is_there()
    {
        string[] stages = [.. Regex.Matches(Text, @"(?m)^FROM \S+ AS (\S+)$").Select(stage => stage.Groups[1].Value)];
        string modeling = File.ReadAllText(Path.Combine(Repository.Root, "src", "SeaGrpc.Modeling", "SeaGrpc.Modeling.csproj"));
        string[] accelerators =
            [.. Regex.Matches(modeling, @"'\$\(Accelerator\)' == '(\w+)'").Select(use => use.Groups[1].Value), "external"];
        Assert.All(accelerators, accelerator => Assert.Contains($"runtime-{accelerator}", stages));
        Assert.Contains(Match(@"(?m)^ARG ACCELERATOR=(\S+)$"), accelerators);
        Assert.Contains($"-p:Accelerator=${Match(@"(?m)^FROM runtime-\$(\w+)$")}", Text);
        Assert.All(
            Regex.Matches(Text, @"(?m)^FROM (runtime-\w+)|COPY --from=(\S+)"), use =>
                Assert.Contains(use.Groups[1].Value + use.Groups[2].Value, stages));
    }

    [Fact]
    public void The_mounted_libtorch_is_found_by_the_variable_that_the_program_reads()
    {
        string folder = Match($@"(?m)^ENV {LibTorch.Variable}=(\S+)$");
        Assert.Contains(folder, Regex.Matches(Text, @"(?m)^VOLUME (\S+)$").Select(volume => volume.Groups[1].Value));
    }

    [Fact]
    public void The_program_does_not_run_as_root() => Assert.DoesNotContain(Match(@"(?s)\nUSER (?!.*\nUSER )(\S+)"), new[] { "root", "0" });

    [Fact]
    public void What_the_publish_reads_is_in_the_build_context()
    {
        Assert.Contains("\nCOPY . .\n", Text);
        string[] ignored = File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore"));
        string[] read = [.. Inputs(Published, []).Select(path => Path.GetRelativePath(Repository.Root, path))];
        Assert.Contains(Path.Combine("src", "SeaGrpc.Modeling", "SeaGrpc.Modeling.csproj"), read);
        Assert.Contains("models", read);
        Assert.All(read, path =>
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path);
            Assert.DoesNotContain(ignored, entry => path == entry || path.StartsWith($"{entry}/", StringComparison.Ordinal));
        });
    }

    /// <summary>The project files that a project reaches, and the files and folders outside their own that they name.</summary>
    private static IEnumerable<string> Inputs(string project, HashSet<string> seen)
    {
        if (!seen.Add(project))
        {
            yield break;
        }

        yield return project;
        string folder = Path.GetDirectoryName(project)!;
        IEnumerable<XElement> items = XDocument.Load(project).Descendants().Where(item => item.Attribute("Include") is not null);
        foreach (XElement item in items.Where(item => item.Attribute("Include")!.Value.StartsWith("../", StringComparison.Ordinal)))
        {
            string include = item.Attribute("Include")!.Value;
            string path = Path.GetFullPath(Path.Combine(folder, include.Split('*')[0].TrimEnd('/')));
            foreach (string input in item.Name.LocalName == "ProjectReference" ? Inputs(path, seen) : [path])
            {
                yield return input;
            }
        }
    }

    private static string Match(string pattern)
    {
        Match match = Regex.Match(Text, pattern);
        Assert.True(match.Success, pattern);
        return match.Groups[1].Value;
    }

    private static string Port(string address) => address[(address.LastIndexOf(':') + 1)..];
}
