using System.CommandLine;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench;

/// <summary>Options of the benchmarks that call a sidecar of this process.</summary>
/// <param name="method">What runs unless the command line says otherwise.</param>
/// <param name="what">What the method is for, in words.</param>
/// <param name="quick">What a quick run is, in words.</param>
/// <param name="isEmbedded">Whether the embedded models may be asked for, and are the default.</param>
internal sealed class SidecarOptions(string method, string what, string quick, bool isEmbedded = false)
{
    private readonly Option<string> _model = BenchOptions.Model(isEmbedded ? BenchOptions.Embedded : "tiny", isEmbedded);
    private readonly Option<MethodText> _method = MethodOption.Create(method, what);
    private readonly Option<int> _tokens = BenchOptions.Count("--tokens", "Longest response in tokens.", 24, least: 2);
    private readonly Option<DirectoryInfo?> _make = BenchOptions.Make();
    private readonly Option<ModelDtype> _dtype = BenchOptions.Dtype();
    private readonly Option<string> _device = BenchOptions.Device();
    private readonly Option<int> _threads = BenchOptions.Threads();
    private readonly Option<bool> _json = BenchOptions.Json();

    /// <summary>Whether a quick run is asked for.</summary>
    public Option<bool> Quick { get; } = BenchOptions.Quick(quick);

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [_model, _method, _tokens, _make, _dtype, _device, _threads, Quick, _json];

    /// <summary>The values of a command line.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="quickMethod">What a quick run runs.</param>
    public SidecarSetting Read(ParseResult parse, string quickMethod) => new(
        parse.GetRequiredValue(_model),
        parse.Value(Quick, _method, MethodText.Parse(quickMethod)),
        parse.GetValue(_tokens),
        parse.GetValue(_make),
        new ModelLoadOptions(parse.GetRequiredValue(_device), parse.GetValue(_dtype)),
        parse.GetValue(_threads),
        parse.GetValue(_json));
}

/// <summary>What a benchmark of a sidecar runs.</summary>
/// <param name="Model">Name of the models.</param>
/// <param name="Method">What every call runs.</param>
/// <param name="ResponseTokens">Longest response in tokens.</param>
/// <param name="Make">Folder in which the models are kept; null for a temporary one.</param>
/// <param name="Loading">Device and number format.</param>
/// <param name="Threads">Threads of a tensor operation; 0 is one per core.</param>
/// <param name="IsJson">Whether the output is one JSON object.</param>
internal sealed record SidecarSetting(
    string Model, MethodText Method, int ResponseTokens, DirectoryInfo? Make, ModelLoadOptions Loading, int Threads, bool IsJson);
