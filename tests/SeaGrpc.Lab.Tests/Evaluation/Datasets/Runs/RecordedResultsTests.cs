using System.Text.Json;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Tests.Evaluation.Datasets.Runs;

/// <summary>
/// The results in docs/results/real-language are continued, not made again: a new parameter must not make them another method's.
/// </summary>
public sealed class RecordedResultsTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Fact]
    public void Methods_have_the_settings_that_their_recorded_results_were_made_with()
    {
        string path = Path.Combine(Repository.Root, "docs", "results", "real-language", "answers.jsonl");
        RunSettings[] recorded =
        [
            .. File.ReadLines(path).Where(line => line.StartsWith("{\"settings\"", StringComparison.Ordinal))
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("settings").Deserialize<RunSettings>(Json)!)
                .Where(settings => !settings.Parameters.ContainsKey("alternatives")),
        ];
        Assert.NotEmpty(recorded);
        var arguments = new DatasetArguments { Suite = DatasetSuite.AdvBench, Data = path };
        Assert.All(recorded, settings => Assert.Empty(
            DatasetMethod.Of(settings.Method, arguments, settings.Common).Settings.Differences(settings)));
    }
}
