using SeaGrpc.Testing;

namespace SeaGrpc.Modeling.Tests.Families;

/// <summary>
/// Every family against Hugging Face transformers, by the files in Golden/transformers. tests/tools/transformers-golden.py
/// makes them of the checkpoints that these tests leave where SEAGRPC_CHECKPOINTS names a folder.
/// </summary>
public sealed class TransformersTests : IDisposable
{
    private const double Tolerance = 1e-4;

    /// <summary>Cases that transformers has not been asked for yet; FamilyTests hold them against a plain model.</summary>
    private static readonly string[] NotAskedYet = ["phi3, longrope"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string name in FamilyCheckpoint.Configs.Keys)
            {
                cases.Add(name, "ForCausalLM");
                cases.Add(name, "ForSequenceClassification");
            }

            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string GoldenFolder => Path.Combine(GoldenFile.Folder, "transformers");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Log_probabilities_and_rewards_are_those_of_transformers(string name, string head)
    {
        string file = $"{GoldenFile.NameOf(name)}-{head}";
        string checkpoint = Path.Combine(Environment.GetEnvironmentVariable("SEAGRPC_CHECKPOINTS") ?? _folder.Path, file);
        FamilyCheckpoint.Write(checkpoint, name, head);
        Assert.Empty(Inspection.CheckpointInspection.Of(checkpoint).Problems);
        string golden = Path.Combine(GoldenFolder, $"{file}.json");
        if (NotAskedYet.Contains(name))
        {
            Assert.False(File.Exists(golden), $"{golden} is there: take {name} out of the list of cases without one.");
            return;
        }

        GoldenFile.Read(golden).AssertHolds(checkpoint, Path.Combine(checkpoint, "model.safetensors"), Tolerance);
    }

    [Fact]
    public void Every_golden_file_belongs_to_a_case()
    {
        IEnumerable<string> expected = FamilyCheckpoint.Configs.Keys.Except(NotAskedYet)
            .SelectMany(name => new[] { $"{GoldenFile.NameOf(name)}-ForCausalLM", $"{GoldenFile.NameOf(name)}-ForSequenceClassification" });
        IEnumerable<string?> found = Directory.GetFiles(GoldenFolder, "*.json").Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_of_this_form_is_read_and_a_wrong_number_in_it_is_found()
    {
        Dictionary<string, double[]> weights = FamilyCheckpoint.Write(_folder.Path, "qwen3");
        var plain = new PlainModel(FamilyCheckpoint.Parse("qwen3"), "Qwen3", weights);
        long[] ids = [0, 37, 74, 111];
        double[] logits = plain.Logits(plain.Forward(plain.Embed(ids))[^1]);
        double?[] row = [.. logits.Select(logit => (double?)(logit - Math.Log(logits.Sum(Math.Exp))))];
        string weightsFile = Path.Combine(_folder.Path, "model.safetensors");
        string path = _folder.File("golden.json");
        new GoldenFile(GoldenFile.HashOf(weightsFile), ids, [3], [row], null).Write(path);
        GoldenFile read = GoldenFile.Read(path);
        read.AssertHolds(_folder.Path, weightsFile, Tolerance);
        row[9] += 3 * Tolerance;
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(
            () => (read with { LogProbabilities = [row] }).AssertHolds(_folder.Path, weightsFile, Tolerance));
    }
}
