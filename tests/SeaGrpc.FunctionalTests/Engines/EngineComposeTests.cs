using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Server.Options;

namespace SeaGrpc.FunctionalTests.Engines;

/// <summary>deploy/compose/engine.yaml: what it sets is what both sides are told.</summary>
public sealed partial class EngineComposeTests
{
    [Fact]
    public async Task The_sidecar_is_set_to_the_engine_beside_it()
    {
        string text = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "deploy", "compose", "engine.yaml"), TestContext.Current.CancellationToken);
        string[] settings =
        [
            .. Setting().Matches(text).Select(match =>
                $"--{match.Groups["key"].Value.Replace("__", ":", StringComparison.Ordinal)}={match.Groups["value"].Value.Trim('"')}"),
        ];
        await using WebApplication app = SeaServer.Build(settings);
        PolicyEngineOptions engine = app.Services.GetRequiredService<IOptions<ModelOptions>>().Value.Engine!;
        Assert.Equal("http://vllm:8000", engine.Endpoint);
        Assert.Contains($"--served-model-name={engine.Model}", text);
        Assert.Contains($"--max-logprobs={engine.Alternatives}", text);
        Assert.Contains("--logprobs-mode=raw_logprobs", text);
    }

    [GeneratedRegex(@"^ +(?<key>SeaGrpc__\w+): (?<value>.*)$", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
