using SeaGrpc.Testing;

namespace SeaGrpc.Modeling.Tests.Families;

/// <summary>
/// Every family against Hugging Face transformers, by the files that are kept in Golden/transformers; tests/tools/transformers-golden.py
/// makes them of the checkpoints that these tests leave where SEAGRPC_CHECKPOINTS names a folder.
/// </summary>
public sealed class TransformersTests : IDisposable
{
    private const double Tolerance = 1e-4;
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

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_transformers_told_holds_and_the_checkpoint_that_it_reads_is_a_model(string name, string head)
    {
        string file = $"{GoldenFile.NameOf(name)}-{head}";
        string checkpoint = Path.Combine(Environment.GetEnvironmentVariable("SEAGRPC_CHECKPOINTS") ?? _folder.Path, file);
        FamilyCheckpoint.Write(checkpoint, name, head);
        string golden = Path.Combine(GoldenFile.Folder, "transformers", $"{file}.json");
        if (File.Exists(golden))
        {
            GoldenFile.Read(golden).AssertHolds(checkpoint, Path.Combine(checkpoint, "model.safetensors"), Tolerance);
        }
        else
        {
            Assert.Empty(Inspection.CheckpointInspection.Of(checkpoint).Problems);
        }
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
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => (read with { LogProbabilities = [row] }).AssertHolds(_folder.Path, weightsFile, Tolerance));
    }
}
