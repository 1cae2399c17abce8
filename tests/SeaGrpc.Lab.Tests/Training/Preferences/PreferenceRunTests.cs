using System.Text.Json.Nodes;
using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Lab.Training.Preferences;
using SeaGrpc.Lab.Training.Runs;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Tests.Training.Preferences;

[Trait("tier", "slow")]
public sealed class PreferenceRunTests : IDisposable
{
    private static readonly PreferenceOptions Quick = new()
    {
        FrozenLayers = 1,
        Epochs = 6,
        LearningRate = 3e-3,
        BatchTokens = 100,
        Dtype = ModelDtype.Float32,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();

    public PreferenceRunTests() => File.WriteAllLines(Pairs, Enumerable.Range(0, 40).Select(Line));

    private string Policy => _folder.File("policy");

    private string Pairs => _folder.File("pairs.jsonl");

    public void Dispose()
    {
        _output.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Separable_pairs_are_learnt_and_the_written_folder_scores_what_the_trainer_scored()
    {
        FamilyCheckpoint.Write(Policy, "llama", dtype: ScalarType.BFloat16);
        PreferenceRun run = Run("reward", Quick);
        run.Execute(TestContext.Current.CancellationToken);
        Assert.Equal(1, run.Figures!.Share);
        Assert.Equal("100.0 % of 8 (even 100.0 % of 4, odd 100.0 % of 4)", run.Figures.ToString());
        Assert.Contains("held out 100.0 %", _output.ToString(), StringComparison.Ordinal);

        // The folder is a classifier with one label, of the policy's family, with its tokenizer.
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.File("reward"), "config.json")))!.AsObject();
        Assert.Equal("LlamaForSequenceClassification", (string?)config["architectures"]![0]);
        Assert.Equal((1, 260), ((int)config["num_labels"]!, (int)config["pad_token_id"]!));
        Assert.Equal(
            ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"],
            Directory.EnumerateFileSystemEntries(_folder.File("reward")).Select(Path.GetFileName).Order());

        // Loaded, it prefers the chosen answers of all pairs.
        using RewardModel model = RewardModel.Load(_folder.File("reward"), new ModelLoadOptions("cpu", ModelDtype.Float32));
        var encoder = new PairEncoder(new ConversationEncoder(model.Tokenizer, model.Template));
        PairIds[] pairs = [.. PreferenceFile.Load(Pairs).Select(encoder.Encode)];
        Assert.All(PairScoring.Score(model, pairs, 1000), rewards => Assert.True(rewards.Chosen > rewards.Rejected));
    }

    [Theory]
    [InlineData("qwen2", ScalarType.BFloat16)]
    [InlineData("qwen3", ScalarType.Float32)]
    [InlineData("gemma2", ScalarType.BFloat16)]
    [InlineData("phi3", ScalarType.BFloat16)]
    [InlineData("mistral", ScalarType.Float16)]
    public void Frozen_tensors_are_the_policys_bit_by_bit_and_the_others_have_moved(string family, ScalarType dtype)
    {
        FamilyCheckpoint.Write(Policy, family, dtype: dtype, shards: 2);
        Run("reward", Quick with { Epochs = 1, FrozenLayers = -1 }).Execute(TestContext.Current.CancellationToken);
        using var scope = NewDisposeScope();
        using var before = CheckpointWeights.Open(Policy);
        using SafetensorsFile after = SafetensorsFile.Open(Path.Combine(_folder.File("reward"), "model.safetensors"));
        Assert.Equal(before.Names.Where(name => name != "lm_head.weight").Append("score.weight").Order(), after.Entries.Keys.Order());
        foreach (string name in after.Entries.Keys.Where(name => name != "score.weight"))
        {
            Tensor old = before.Take([new WeightPart(name, [.. after.Entries[name].Shape])], dtype, CPU);
            Tensor now = after.Read(name, dtype, CPU);
            Assert.Equal(after.Entries["score.weight"].Dtype, after.Entries[name].Dtype);
            // Two of five of three layers is one.
            bool isFrozen = name.Contains("embed_tokens", StringComparison.Ordinal) || name.Contains("layers.0.", StringComparison.Ordinal);
            Assert.Equal((name, isFrozen), (name, old.eq(now).all().item<bool>()));
        }

        using RewardModel model = RewardModel.Load(_folder.File("reward"), new ModelLoadOptions("cpu"));
    }

    [Theory]
    [InlineData(ModelDtype.Float32, 1)]
    [InlineData(ModelDtype.BFloat16, 1)]
    [InlineData(ModelDtype.BFloat16, 0)]
    public void A_training_that_is_interrupted_and_resumed_writes_the_same_file_to_the_byte(ModelDtype dtype, int frozen)
    {
        FamilyCheckpoint.Write(Policy, "llama", dtype: ScalarType.BFloat16);
        PreferenceOptions options = Quick with { Epochs = 2, Dtype = dtype, FrozenLayers = frozen, TrainEmbeddings = frozen == 0 };
        Run("whole", options).Execute(TestContext.Current.CancellationToken);

        using var interrupt = new CancellationTokenSource();
        PreferenceRun first = Run("resumed", options, step => interrupt.CancelAfterStep(step, 5));
        Assert.Throws<OperationCanceledException>(() => first.Execute(interrupt.Token));
        Assert.False(first.Written);
        Assert.Equal(
            [PreferenceRun.UnfinishedName], Directory.EnumerateFileSystemEntries(_folder.File("resumed")).Select(Path.GetFileName));

        List<int> steps = [];
        Run("resumed", options, steps.Add).Execute(TestContext.Current.CancellationToken);
        Assert.Equal(6, steps[0]);
        Assert.Equal(Bytes("whole"), Bytes("resumed"));
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(_folder.Path), path => Path.GetFileName(path).StartsWith('.'));
    }

    [Fact]
    public void Texts_do_not_end_with_the_padding_of_the_written_folder()
    {
        FamilyCheckpoint.Write(Policy, "llama");
        string tokenizer = Path.Combine(Policy, "tokenizer_config.json");
        JsonNode own = JsonNode.Parse(File.ReadAllText(tokenizer))!;
        own["pad_token"] = "<|eos|>";
        File.WriteAllText(tokenizer, own.ToJsonString());
        Run("reward", Quick with { Epochs = 1 }).Execute(TestContext.Current.CancellationToken);
        // The first special token that neither begins nor ends a text.
        JsonNode names = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.File("reward"), "tokenizer_config.json")))!;
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.File("reward"), "config.json")))!;
        Assert.Equal(("<|user|>", TinyCheckpoint.User), ((string?)names["pad_token"], (int)config["pad_token_id"]!));
        Assert.Equal("<|eos|>", (string?)names["eos_token"]);
    }

    [Fact]
    public void An_unfinished_training_of_other_settings_is_not_mixed_in()
    {
        FamilyCheckpoint.Write(Policy, "llama");
        using var interrupt = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () => Run("reward", Quick, step => interrupt.CancelAfterStep(step, 1)).Execute(interrupt.Token));

        File.AppendAllText(Pairs, Line(1) + "\n");
        var error = Assert.Throws<InvalidDataException>(
            () => Run("reward", Quick with { Seed = 7 }).Execute(TestContext.Current.CancellationToken));
        Assert.Contains("--seed was 1, is 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("the pairs was ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_refused_before_anything_is_written()
    {
        FamilyCheckpoint.Write(Policy, "llama");
        Directory.CreateDirectory(_folder.File("taken"));
        File.WriteAllText(Path.Combine(_folder.File("taken"), "notes.txt"), "mine");
        Assert.Contains("is there already", Refusal(Run("taken", Quick)), StringComparison.Ordinal);
        Assert.Contains("the policy has 3 layers", Refusal(Run("new", Quick with { FrozenLayers = 4 })), StringComparison.Ordinal);
        Assert.Contains("needs --frozen-layers 0", Refusal(Run("new", Quick with { TrainEmbeddings = true })), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("new")));
    }

    private static string Line(int index)
    {
        (string kind, string split) = (index % 2 == 0 ? "even" : "odd", index < 32 ? "train" : "tune");
        return $$"""
            {"prompt": "q{{index}}", "chosen": "yes {{index}}", "rejected": "no {{index}}", "kind": "{{kind}}", "split": "{{split}}"}
            """;
    }

    private static string Refusal(PreferenceRun run) =>
        Assert.Throws<InvalidDataException>(() => run.Execute(TestContext.Current.CancellationToken)).Message;

    private PreferenceRun Run(string name, PreferenceOptions options, Action<int>? stepped = null) =>
        new(Policy, Pairs, _folder.File(name), options, TimeSpan.FromHours(1), _output) { Stepped = stepped };

    private byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(_folder.File(name), "model.safetensors"));
}
