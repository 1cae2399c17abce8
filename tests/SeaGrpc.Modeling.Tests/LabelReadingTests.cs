using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Inspection;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>Classifiers with several labels as rewards.</summary>
public sealed class LabelReadingTests : IDisposable
{
    private const int Hidden = 16;

    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("helpful", "helpful", null, false)]
    [InlineData(" not-harmful ", "not-harmful", null, false)]
    [InlineData("very good - not-harmful", "very good", "not-harmful", false)]
    [InlineData("log_probability( safe )", "safe", null, true)]
    public void A_reading_is_written_in_one_of_three_forms(string text, string label, string? less, bool isLogProbability)
    {
        LabelReading reading = LabelReading.Parse(text);
        Assert.Equal(new LabelReading(label, less, isLogProbability), reading);
        Assert.Equal(reading, LabelReading.Parse(reading.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a - b - c")]
    public void Another_text_is_refused_with_the_forms(string text) =>
        Assert.Contains(
            "log_probability(LABEL)", Assert.Throws<FormatException>(() => LabelReading.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Rewards_are_logits_their_differences_and_log_probabilities()
    {
        using var scope = NewDisposeScope();
        Tensor score = Write();
        Tensor hidden = randn(4, Hidden, generator: SeededGenerator.Of(5, CPU));
        Tensor logits = matmul(hidden, score.t());

        Close(logits.select(1, 1), Read("neutral", hidden));
        Close(logits.select(1, 2) - logits.select(1, 0), Read("good - bad", hidden));
        Close(nn.functional.log_softmax(logits, 1).select(1, 2), Read("log_probability(good)", hidden));
    }

    [Theory]
    [InlineData(null, "3 labels and no setting says which is the reward")]
    [InlineData("best", "no label 'best'")]
    [InlineData("good - good", "the same for every answer")]
    public void A_reading_that_does_not_fit_is_refused_with_the_labels(string? text, string said)
    {
        Write().Dispose();
        CheckpointException error = Assert.Throws<CheckpointException>(
            () => RewardModel.Load(_folder, reading: text is null ? null : LabelReading.Parse(text)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains("bad, neutral, good", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspection_lists_the_labels_and_finds_no_fault()
    {
        Write().Dispose();
        CheckpointInspection inspection = CheckpointInspection.Of(_folder);
        Assert.Empty(inspection.Problems);
        Assert.Contains(inspection.Notes, note => note.Contains("bad, neutral, good", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"0": "bad", "2": "good"}""")]
    [InlineData("""{"0": "bad", "1": 3}""")]
    public void Labels_are_numbered_from_zero_on(string labels)
    {
        Write(labels).Dispose();
        Assert.Contains(
            "id2label must name its 2 entries 0 to 1", Assert.Throws<CheckpointException>(() => RewardModel.Load(_folder)).Message,
            StringComparison.Ordinal);
    }

    private static void Close(Tensor expected, Tensor actual) => Assert.True(expected.allclose(actual, 1e-5, 1e-5));

    private Tensor Read(string reading, Tensor hidden)
    {
        using RewardModel model = RewardModel.Load(_folder, new ModelLoadOptions("cpu"), reading: LabelReading.Parse(reading));
        Assert.Equal(RewardGains.Any, model.Gains);
        return model.Head.Rewards(hidden).DetachFromDisposeScope();
    }

    /// <summary>Writes a classifier with three labels.</summary>
    /// <returns>Its score weights [3, hidden].</returns>
    private Tensor Write(string labels = """{"0": "bad", "1": "neutral", "2": "good"}""")
    {
        TinyCheckpoint.WriteReward(_folder, seed: 3, new TinyShape { Hidden = Hidden });
        string config = Path.Combine(_folder, "config.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        json.Remove("num_labels");
        json["id2label"] = JsonNode.Parse(labels);
        File.WriteAllText(config, json.ToJsonString());
        Tensor score = randn(json["id2label"]!.AsObject().Count, Hidden, generator: SeededGenerator.Of(4, CPU)).DetachFromDisposeScope();
        WriteScore(score);
        return score;
    }

    private void WriteScore(Tensor score)
    {
        string path = Path.Combine(_folder, "model.safetensors");
        List<(string, Tensor)> weights = [];
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            weights.AddRange(file.Entries.Keys.Where(name => name != "score.weight")
                .Select(name => (name, file.Read(name, ScalarType.Float32, CPU))));
        }

        weights.Add(("score.weight", score));
        SafetensorsWriter.Write(path, weights, new Dictionary<string, string> { ["format"] = "pt" });
    }
}
