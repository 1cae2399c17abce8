using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Serving;
using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests.Deploy;

/// <summary>deploy/compose, compared with the Compose specification's schema and with the server.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "compose");

    [Fact]
    public async Task The_file_is_what_the_schema_allows_and_a_misspelt_one_is_not()
    {
        string text = await File.ReadAllTextAsync(Path.Combine(Folder, "compose.yaml"));
        Assert.Empty((await Manifests.OfComposeAsync(text)).Errors);
        foreach ((string right, string wrong) in ((string, string)[])[("read_only:", "readonly:"), ("[ALL]", "ALL")])
        {
            Assert.Contains(right, text, StringComparison.Ordinal);
            Assert.NotEmpty((await Manifests.OfComposeAsync(text.Replace(right, wrong, StringComparison.Ordinal))).Errors);
        }
    }

    [Fact]
    public async Task What_it_mounts_is_there()
    {
        JsonNode compose = (await Manifests.OfComposeAsync(await File.ReadAllTextAsync(Path.Combine(Folder, "compose.yaml")))).Documents[0];
        string[] mounts =
        [
            .. compose["services"]!.AsObject().SelectMany(service => service.Value!["volumes"]!.AsArray())
                .Select(volume => Default().Replace((string)volume!, "$1").Split(':')[0])
                .Where(source => source.StartsWith('.')),
        ];
        Assert.Equal(5, mounts.Length);
        Assert.All(mounts, mount => Assert.True(Path.Exists(Path.Combine(Folder, mount)), mount));
    }

    [Fact]
    public async Task The_sidecars_settings_are_settings_and_it_has_the_time_that_draining_takes()
    {
        JsonNode sidecar = (await Manifests.OfComposeAsync(await File.ReadAllTextAsync(Path.Combine(Folder, "compose.yaml"))))
            .Documents[0]["services"]!["seagrpc"]!;
        string[] settings =
        [
            .. sidecar["environment"]!.AsObject().Select(variable =>
                $"--{variable.Key.Replace("__", ":", StringComparison.Ordinal)}={(string)variable.Value!}"),
        ];
        await using WebApplication app = SeaServer.Build(settings);
        TimeSpan drain = app.Services.GetRequiredService<IOptions<EngineOptions>>().Value.DrainBudget;
        var grace = TimeSpan.FromSeconds(int.Parse(((string)sidecar["stop_grace_period"]!).TrimEnd('s')));
        Assert.True(grace >= drain + TimeSpan.FromSeconds(5), $"{grace} is less than {drain} and 5 seconds.");
    }

    [Fact]
    public async Task Prometheus_accepts_its_configuration_with_the_alerts_where_the_container_has_them()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("rules"));
        File.Copy(Path.Combine(Folder, "prometheus.yml"), folder.File("prometheus.yml"));
        File.Copy(Path.Combine(Folder, "..", "prometheus", "alerts.yml"), folder.File("rules/alerts.yml"));
        (int exitCode, string output, string error) =
            await Programs.RunAsync("promtool", "", "check", "config", folder.File("prometheus.yml"));
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("SUCCESS: 1 rule files found", output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\$\{\w+:-([^}]*)\}")]
    private static partial Regex Default();
}
