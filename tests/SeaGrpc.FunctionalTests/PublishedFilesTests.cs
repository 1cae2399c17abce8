using System.Text.Json;
using Mono.Cecil;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>
/// What the sidecar's publish and image hold, and the command line's: the assemblies that each build lists, which publish copies.
/// </summary>
public sealed class PublishedFilesTests
{
    private static readonly string[] Server =
    [
        "Google.Api.CommonProtos", "Google.Protobuf", "Grpc.AspNetCore.HealthChecks", "Grpc.AspNetCore.Server",
        "Grpc.AspNetCore.Server.ClientFactory",
        "Grpc.AspNetCore.Server.Reflection", "Grpc.AspNetCore.Web", "Grpc.Core.Api", "Grpc.HealthCheck", "Grpc.Net.Client",
        "Grpc.Net.ClientFactory",
        "Grpc.Net.Common", "Grpc.Reflection", "Grpc.StatusProto", "ICSharpCode.SharpZipLib", "Microsoft.ML.Tokenizers",
        "OpenTelemetry", "OpenTelemetry.Api", "OpenTelemetry.Api.ProviderBuilderExtensions", "OpenTelemetry.Exporter.OpenTelemetryProtocol",
        "OpenTelemetry.Exporter.Prometheus.AspNetCore", "OpenTelemetry.Extensions.Hosting", "Polly.Core",
        "SeaGrpc.Alignment", "SeaGrpc.Modeling", "SeaGrpc.Server", "SeaGrpc.Serving", "TorchSharp",
    ];

    private static readonly string[] CommandLine = [.. Server, "Spectre.Console", "Spectre.Console.Ansi", "System.CommandLine", "seagrpc"];

    public static TheoryData<string, string, string[]> Programs => new()
    {
        { "SeaGrpc.Server", "SeaGrpc.Server", Server },
        { "SeaGrpc.Cli", "seagrpc", CommandLine },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_that_users_run_holds_these_assemblies_and_no_others(string project, string program, string[] assemblies)
    {
        using JsonDocument listed = JsonDocument.Parse(File.ReadAllText(Path.Combine(Built(project), $"{program}.deps.json")));
        string[] found =
        [
            .. listed
                .RootElement.GetProperty("targets")
                .EnumerateObject()
                .SelectMany(target => target.Value.EnumerateObject())
                .Where(library => library.Value.TryGetProperty("runtime", out _))
                .SelectMany(library => library.Value.GetProperty("runtime").EnumerateObject())
                .Select(file => Path.GetFileNameWithoutExtension(file.Name)),
        ];
        Assert.Equal(assemblies.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void None_of_their_types_is_of_the_lab_or_the_benchmarks(string project, string program, string[] assemblies)
    {
        Assert.Contains(program, assemblies);
        string[] types =
        [
            .. assemblies
                .Where(name => name.StartsWith("SeaGrpc.", StringComparison.Ordinal) || name == program)
                .SelectMany(name => Types(Path.Combine(Built(project), $"{name}.dll"))),
        ];
        Assert.Contains("SeaGrpc.Server.SeaServer", types);
        Assert.DoesNotContain(types, IsResearch);
    }

    [Fact]
    public void The_names_that_are_looked_for_are_those_of_the_lab_and_the_benchmarks()
    {
        Assert.Contains(Types(Path.Combine(AppContext.BaseDirectory, "SeaGrpc.Lab.dll")), IsResearch);
        Assert.Contains(Types(Path.Combine(AppContext.BaseDirectory, "SeaGrpc.Bench.dll")), IsResearch);
    }

    private static bool IsResearch(string type) =>
        type.StartsWith("SeaGrpc.Lab.", StringComparison.Ordinal) || type.StartsWith("SeaGrpc.Bench.", StringComparison.Ordinal)
        || ((string[])[".Training.", ".Worlds.", ".Evaluation.", ".Benchmarks.", ".Synthetic."])
            .Any(part => type.Contains(part, StringComparison.Ordinal));

    private static string[] Types(string assembly)
    {
        using AssemblyDefinition definition = AssemblyDefinition.ReadAssembly(assembly);
        return [.. definition.MainModule.Types.Select(type => type.FullName)];
    }

    /// <summary>The folder that a project was built to, in the configuration of these tests.</summary>
    private static string Built(string project)
    {
        string tests = Path.Combine(Repository.Root, "tests", "SeaGrpc.FunctionalTests");
        return Path.Combine(Repository.Root, "src", project, Path.GetRelativePath(tests, AppContext.BaseDirectory));
    }
}
