using System.Text.Json.Nodes;

namespace SeaGrpc.FunctionalTests.Deploy;

/// <summary>YAML that has been read and compared with its schemas.</summary>
/// <param name="Documents">Its documents.</param>
/// <param name="Errors">What the schemas refuse.</param>
internal sealed record Manifests(IReadOnlyList<JsonNode> Documents, IReadOnlyList<string> Errors)
{
    /// <summary>Checks objects of Kubernetes, KEDA and the Prometheus Operator.</summary>
    public static Task<Manifests> OfKubernetesAsync(string yaml) => CheckAsync("kubernetes", yaml);

    /// <summary>Checks a file of docker compose.</summary>
    public static Task<Manifests> OfComposeAsync(string yaml) => CheckAsync("compose", yaml);

    /// <summary>The only object of a kind.</summary>
    public JsonNode Single(string kind) => Documents.Single(document => (string?)document["kind"] == kind);

    /// <summary>The pod of the only Deployment.</summary>
    public JsonNode Pod => Single("Deployment")["spec"]!["template"]!["spec"]!;

    /// <summary>The container of the sidecar in that pod.</summary>
    public JsonNode Container => ((string[])["containers", "initContainers"])
        .SelectMany(kind => Pod[kind]?.AsArray() ?? [])
        .Single(container => (string?)container!["name"] == "seagrpc")!;

    /// <summary>The settings of the server in that container that have a value, as arguments of the server.</summary>
    public string[] Settings() =>
    [
        .. Container["env"]!.AsArray()
            .Where(variable => variable!["value"] is not null)
            .Select(variable =>
                $"--{((string)variable!["name"]!).Replace("__", ":", StringComparison.Ordinal)}={(string)variable["value"]!}"),
    ];

    private static async Task<Manifests> CheckAsync(string schema, string yaml)
    {
        (int exitCode, string output, string error) = await Programs.RunAsync(
            "node", yaml, Path.Combine(Support.Repository.Root, "tests", "tools", "manifests.mjs"), schema);
        Assert.True(exitCode == 0, error);
        JsonNode result = JsonNode.Parse(output)!;
        return new Manifests(
            [.. result["documents"]!.AsArray().Select(document => document!)],
            [.. result["errors"]!.AsArray().Select(each => (string)each!)]);
    }
}
