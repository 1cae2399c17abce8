using System.Text.Json.Nodes;
using SeaGrpc.Testing;

namespace SeaGrpc.Modeling.Tests.Families;

/// <summary>
/// The families against llama.cpp: its log-probabilities for the tiny checkpoints, kept in Golden with the version that made them;
/// tests/tools/llama-golden.mjs makes them anew.
/// </summary>
public sealed class LlamaCppTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // llama.cpp reads no sliding window of Mistral and Phi-3 ("Phi SWA is currently disabled"), no biases of
    // Llama, and no query_pre_attn_scalar of Gemma 2: it divides by the root of the head's width.
    public static TheoryData<string> Cases =>
        [
            "llama",
            "llama 3.1",
            "llama, linear, transformers 5",
            "mistral without window",
            "qwen2",
            "qwen3",
            "gemma2, divided by the head",
            "phi3 without window",
        ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Log_probabilities_are_those_of_llama_cpp(string name)
    {
        Dictionary<string, double[]> weights = FamilyCheckpoint.Write(_folder.Path, name);
        string folder = Directory.CreateDirectory(Environment.GetEnvironmentVariable("SEAGRPC_GGUF") ?? _folder.Path).FullName;
        string gguf = Path.Combine(folder, $"{GoldenFile.NameOf(name)}.gguf");
        JsonObject config = FamilyCheckpoint.Parse(name);
        GgufModel.Of(config, FamilyCheckpoint.Family(config), weights).Write(gguf);
        GoldenFile golden = GoldenFile.Read(Path.Combine(GoldenFile.Folder, $"{GoldenFile.NameOf(name)}.json"));

        // Its tanh form of GELU is read from a table of half precision.
        golden.AssertHolds(_folder.Path, gguf, name.StartsWith("gemma2", StringComparison.Ordinal) ? 2e-3 : 2e-4);
    }
}
