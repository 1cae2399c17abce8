using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SeaGrpc.FunctionalTests.Support;
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
        string project = Match(@"dotnet publish (\S+) -c Release -o /app");
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

    private static string Match(string pattern)
    {
        Match match = Regex.Match(Text, pattern);
        Assert.True(match.Success, pattern);
        return match.Groups[1].Value;
    }

    private static string Port(string address) => address[(address.LastIndexOf(':') + 1)..];
}
