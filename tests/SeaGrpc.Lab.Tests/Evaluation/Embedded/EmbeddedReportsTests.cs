using System.Text.Json;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Metrics;
using SeaGrpc.Lab.Evaluation.Reports;
using SeaGrpc.Testing;
using SkiaSharp;

namespace SeaGrpc.Lab.Tests.Evaluation.Embedded;

public sealed class EmbeddedReportsTests(WrittenReport written) : IClassFixture<WrittenReport>
{
    private readonly TemporaryFolder _folder = written.Folder;
    private readonly EvaluationReport _report = written.Report;

    [Fact]
    public void The_page_has_every_method_the_comparison_and_how_it_was_made()
    {
        string page = File.ReadAllText(_folder.File("results.md"));
        Assert.Contains("Commit abc, first seed 1, 2026-01-02.", page, StringComparison.Ordinal);
        Assert.Contains("2 workers with one tensor thread each", page, StringComparison.Ordinal);
        Assert.Contains("200 held-out prompts, 3 seeds", page, StringComparison.Ordinal);
        Assert.Contains("| sea | 3.0 [-1.0, 6.0] | 97.0 [93.0, 100.0] |", page, StringComparison.Ordinal);
        Assert.Contains("The harmful rate of sea is 94.0 % [90.0, 97.0] below that of cbs-8x8-5", page, StringComparison.Ordinal);
        Assert.All(
            _report.Worlds[0].Methods, method =>
                Assert.Contains($"- {method.Name}: `{method.Method}`, tuned", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Where_the_second_best_does_no_harm_there_is_no_share_of_it()
    {
        WorldReport world = _report.Worlds[
            0] with
        { Comparison = _report.Worlds[0].Comparison! with { Reduction = new Interval(double.NaN, double.NaN, double.NaN) } };
        Assert.StartsWith(
            "cbs-8x8-5, the best of the others, gives no harmful answer", EmbeddedMarkdown.Comparison(world), StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        EmbeddedReports.Write(_report with { Worlds = [world] }, folder.Path);
    }

    [Theory]
    [InlineData("pareto")]
    [InlineData("depth")]
    [InlineData("iterations")]
    [InlineData("prefill")]
    [InlineData("chains")]
    public void A_plot_is_a_picture_that_the_page_shows(string kind)
    {
        string file = $"support-desk-{kind}.png";
        Assert.Contains($"({file})", File.ReadAllText(_folder.File("results.md")), StringComparison.Ordinal);
        using SKBitmap picture = SKBitmap.Decode(_folder.File(file));
        Assert.True(picture.Width >= 700, $"{file} is {picture.Width} wide.");
        Assert.True(picture.Pixels.Distinct().Count() > 50, $"{file} is empty.");
    }

    [Fact]
    public void The_document_holds_everything()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(_folder.File("results.json")));
        JsonElement world = document.RootElement.GetProperty("worlds")[0];
        Assert.Equal(_report.Worlds[0].Methods.Count, world.GetProperty("methods").GetArrayLength());
        Assert.Equal(0.94, world.GetProperty("comparison").GetProperty("reduction").GetProperty("mean").GetDouble());
        Assert.Equal("ablation", world.GetProperty("methods")[12].GetProperty("group").GetString());
    }
}

/// <summary>A hand-made report and the folder that it is written to, once for all tests.</summary>
public sealed class WrittenReport : IDisposable
{
    public WrittenReport() => EmbeddedReports.Write(Report, Folder.Path);

    internal EvaluationReport Report { get; } = HandMadeReport.Make();

    internal TemporaryFolder Folder { get; } = new();

    public void Dispose() => Folder.Dispose();
}
