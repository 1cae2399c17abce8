using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests.Families;

/// <summary>Log-probabilities that another implementation gave for one of the tiny checkpoints.</summary>
/// <param name="Sha256">Of the weights' file that it read.</param>
/// <param name="Ids">What it read.</param>
/// <param name="Positions">Where it was asked.</param>
/// <param name="LogProbabilities">Of every id at each position; null if it told none.</param>
/// <param name="Reward">The score of a reward model; null for a language model.</param>
internal sealed record GoldenFile(string Sha256, long[] Ids, int[] Positions, double?[][] LogProbabilities, double? Reward)
{
    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Where they are kept.</summary>
    public static string Folder => Path.Combine(Path.GetDirectoryName(SourcePath())!, "Golden");

    /// <summary>A case's name as a file's.</summary>
    public static string NameOf(string name) =>
        name.Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '-').Replace("'", "", StringComparison.Ordinal);

    public static GoldenFile Read(string path) => JsonSerializer.Deserialize<GoldenFile>(File.ReadAllText(path), Names)!;

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Names));

    /// <summary>That a checkpoint gives the same.</summary>
    /// <param name="checkpoint">Its folder.</param>
    /// <param name="weights">The file whose hash is kept.</param>
    /// <param name="tolerance">Largest difference, in nats or reward units.</param>
    public void AssertHolds(string checkpoint, string weights, double tolerance)
    {
        Assert.Equal(Sha256, HashOf(weights));
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (Reward is { } reward)
        {
            using RewardModel judge = RewardModel.Load(checkpoint, new ModelLoadOptions("cpu", ModelDtype.Float32));
            Tensor last = judge.Decoder.Forward(judge.Decoder.Embed(tensor(Ids).unsqueeze(0)))[0].narrow(0, Ids.Length - 1, 1);
            Assert.Equal(reward, judge.Head.Rewards(last).to(ScalarType.Float64).cpu().data<double>().ToArray()[0], tolerance);
            return;
        }

        using PolicyModel model = PolicyModel.Load(checkpoint, new ModelLoadOptions("cpu", ModelDtype.Float32));
        Tensor actual = nn.functional.log_softmax(
            model.Decoder.Logits(model.Decoder.Forward(model.Decoder.Embed(tensor(Ids).unsqueeze(0))))[0], -1);
        for (int index = 0; index < Positions.Length; index++)
        {
            float[] row = actual[Positions[index]].data<float>().ToArray();
            // Where llama.cpp's probability is too small for a number, there is none.
            Assert.True(LogProbabilities[index].Count(value => value is not null) > 200);
            Assert.All(
                LogProbabilities[index].Select((value, id) => (value, id)).Where(pair => pair.value is not null),
                pair => Assert.Equal(pair.value!.Value, row[pair.id], tolerance));
        }
    }

    public static string HashOf(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private static string SourcePath([CallerFilePath] string path = "") => path;
}
