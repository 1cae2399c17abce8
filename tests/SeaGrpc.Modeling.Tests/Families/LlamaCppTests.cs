using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Testing;
using static TorchSharp.torch;

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
        "llama", "llama 3.1", "llama, linear, transformers 5", "mistral without window", "qwen2", "qwen3", "gemma2, divided by the head", "phi3 without window",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Log_probabilities_are_those_of_llama_cpp(string name)
    {
        Dictionary<string, double[]> weights = FamilyCheckpoint.Write(_folder.Path, name);
        string gguf = Path.Combine(Environment.GetEnvironmentVariable("SEAGRPC_GGUF") ?? _folder.Path, $"{FileName(name)}.gguf");
        JsonObject config = FamilyCheckpoint.Parse(name);
        GgufModel.Of(config, FamilyCheckpoint.Family(config), weights).Write(gguf);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(SourcePath())!, "Golden", $"{FileName(name)}.json")));
        Assert.Equal(golden.RootElement.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(gguf))));

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using PolicyModel model = PolicyModel.Load(_folder.Path, new ModelLoadOptions("cpu", ModelDtype.Float32));
        long[] ids = golden.RootElement.GetProperty("ids").Deserialize<long[]>()!;
        Tensor actual = nn.functional.log_softmax(model.Decoder.Logits(model.Decoder.Forward(model.Decoder.Embed(tensor(ids).unsqueeze(0))))[0], -1);
        int[] positions = golden.RootElement.GetProperty("positions").Deserialize<int[]>()!;
        // Its tanh form of GELU is read from a table of half precision.
        double tolerance = name.StartsWith("gemma2", StringComparison.Ordinal) ? 2e-3 : 2e-4;
        double?[][] expected = golden.RootElement.GetProperty("log_probabilities").Deserialize<double?[][]>()!;
        for (int index = 0; index < positions.Length; index++)
        {
            float[] row = actual[positions[index]].data<float>().ToArray();
            // Where llama.cpp's probability is too small for a number, there is none.
            Assert.True(expected[index].Count(value => value is not null) > 200);
            Assert.All(expected[index].Select((value, id) => (value, id)).Where(pair => pair.value is not null), pair => Assert.Equal(pair.value!.Value, row[pair.id], tolerance));
        }
    }

    private static string FileName(string name) => name.Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '-');

    private static string SourcePath([CallerFilePath] string path = "") => path;
}
