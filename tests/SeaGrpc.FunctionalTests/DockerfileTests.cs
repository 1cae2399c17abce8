using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Modeling;
using SeaGrpc.Server;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Options;

namespace SeaGrpc.FunctionalTests;

/// <summary>What the Dockerfile names exists.</summary>
public sealed class DockerfileTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"));

    [Fact]
    public void It_publishes_the_server_and_starts_what_was_published()
    {
        string project = Match(@"dotnet publish (\S+) -c Release -o /app ");
        string assembly = typeof(SeaServer).Assembly.GetName().Name!;
        Assert.True(File.Exists(Path.Combine(Repository.Root, project, $"{assembly}.csproj")), project);
        Assert.Equal($"{assembly}.dll", Match(@"ENTRYPOINT \[""dotnet"", ""(.+?)""\]"));
        Assert.Equal("/app", Match(@"COPY --from=build (\S+) \."));
    }

    [Fact]
    public void Its_health_check_is_the_servers_own()
    {
        string command = Match(@"HEALTHCHECK .*CMD \[(.+)\]");
        Assert.Equal($"\"dotnet\", \"{typeof(SeaServer).Assembly.GetName().Name}.dll\", \"{HealthProbe.Argument}\"", command);
    }

    [Fact]
    public async Task Its_settings_are_settings_and_its_ports_are_exposed()
    {
        string[] settings = [.. Regex.Matches(Text, @"SeaGrpc__(\S+)=(\S+)")
            .Select(setting => $"--SeaGrpc:{setting.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal)}={setting.Groups[2].Value}")];
        await using WebApplication app = SeaServer.Build(settings);
        TransportOptions transport = app.Services.GetRequiredService<IOptions<TransportOptions>>().Value;
        Assert.Equal(Match(@"EXPOSE (.+)"), $"{Port(transport.Grpc)} {Port(transport.Http)}");
        Assert.All([transport.Grpc, transport.Http], address => Assert.StartsWith("http://*:", address));
    }

    [Fact]
    public void Every_accelerator_has_a_runtime_and_every_stage_that_is_used_is_there()
    {
        string[] stages = [.. Regex.Matches(Text, @"(?m)^FROM \S+ AS (\S+)$").Select(stage => stage.Groups[1].Value)];
        Assert.Equal(["cpu", "cuda", "external"], stages.Where(stage => stage.StartsWith("runtime-", StringComparison.Ordinal)).Select(stage => stage["runtime-".Length..]));
        Assert.Equal("cpu", Match(@"(?m)^ARG ACCELERATOR=(\S+)$"));
        Assert.Equal("runtime-$ACCELERATOR", Match(@"(?m)^FROM (\S+)\nWORKDIR /app"));
        Assert.Equal("-p:Accelerator=$ACCELERATOR", Match(@"dotnet publish .* (-p:Accelerator=\S+)"));
        Assert.Contains(Match(@"COPY --from=(\S+)"), stages);
    }

    [Fact]
    public void Its_variables_are_read_by_the_program_and_its_user_is_not_root()
    {
        Assert.Equal(LibTorch.Variable, Match(@"(?m)^ENV (\w+)=/libtorch$"));
        Assert.Equal("/libtorch", Match(@"(?m)^VOLUME (/libtorch)$"));
        Assert.Equal("/models", Match(@"(?m)^VOLUME (/models)$"));
        Assert.Equal("$APP_UID", Match(@"(?m)^USER (\S+)$"));
    }

    [Fact]
    public void What_is_copied_into_the_build_is_there_and_is_not_ignored()
    {
        Assert.Equal(". .", Match(@"(?m)^COPY (\. \.)$"));
        string[] ignored = File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore"));
        string[] needed = ["src", "models", "protos", "build", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json"];
        Assert.All(needed, path =>
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path);
            Assert.DoesNotContain(path, ignored);
        });
    }

    private static string Match(string pattern)
    {
        Match match = Regex.Match(Text, pattern);
        Assert.True(match.Success, pattern);
        return match.Groups[1].Value;
    }

    private static string Port(string address) => address[(address.LastIndexOf(':') + 1)..];
}
