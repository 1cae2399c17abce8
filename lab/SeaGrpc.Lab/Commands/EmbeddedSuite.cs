using System.CommandLine;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Reports;

namespace SeaGrpc.Lab.Commands;

/// <summary><c>eval --suite embedded</c>: compares the methods in the worlds that the project makes.</summary>
internal sealed class EmbeddedSuite
{
    /// <summary>The suite's name.</summary>
    public const string Name = "embedded";

    private const string HeldOut = "held-out";
    private const string Tuning = "tuning";
    private const int FullPrompts = 200;
    private const int QuickPrompts = 48;
    private const int FullSeeds = 3;

    private readonly EmbeddedOptions _common = new("200; 48 with --quick", "3; 1 with --quick")
    {
        Quick = new Option<bool>("--quick")
        {
            Description =
                "The main methods, each world's weakest policy, 48 prompts, one seed, no studies: at most five minutes on two cores.",
        },
    };

    private readonly Option<string> _split = Splits(
        new("--split") { Description = "Split of the prompts; pick settings on the tuning split.", DefaultValueFactory = _ => HeldOut }
    );

    private readonly Option<bool> _untuned = new("--untuned")
    {
        Description = "Run every method with its defaults and ignore recorded settings.",
    };
    private readonly Option<bool> _noStudies = new("--no-studies")
    {
        Description = "Only the comparison, without the studies of prefilling attacks and of the number of chains.",
    };

    private readonly Option<bool> _drafts = new("--damaged-drafts")
    {
        Description =
            "Start from drafts with one error each: a row for every kind of error that the world makes. No studies.",
    };

    /// <summary>The suite's options.</summary>
    public IEnumerable<Option> Options => [.. _common.All, _split, _untuned, _noStudies, _drafts];

    /// <summary>Runs it.</summary>
    public Task<int> RunAsync(ParseResult parsed)
    {
        (IReadOnlyList<WorldPair> worlds, IReadOnlyList<MethodEntry> methods) = _common.Named(parsed, parsed.GetValue(_drafts));
        EvaluationSettings settings = Settings(parsed);
        return Task.Run(() => EvaluationScreen.Show(
            (progress, cancellation) => Evaluate(worlds, methods, settings, progress, cancellation)));
    }

    private static Option<string> Splits(Option<string> option)
    {
        option.AcceptOnlyFromAmong(HeldOut, Tuning);
        return option;
    }

    private static string Evaluate(
        IReadOnlyList<WorldPair> worlds, IReadOnlyList<MethodEntry> methods, EvaluationSettings settings,
        IProgress<EvaluationProgress> progress, CancellationToken cancellation)
    {
        var text = new StringWriter();
        List<WorldReport> reports = [];
        foreach (WorldPair pair in worlds)
        {
            WorldReport report = EmbeddedEvaluation.Run(pair, methods, settings, progress, cancellation);
            reports.Add(report);
            text.WriteLine(
                $"{report.Title}: {report.PromptsInWords}, {report.Seeds} per prompt, "
                    + $"{(report.Tuning is null ? "not tuned" : $"tuned: {report.Tuning}")}");
            text.WriteLine();
            text.WriteLine(EmbeddedMarkdown.Table(report));
            text.WriteLine(EmbeddedMarkdown.Comparison(report));
        }

        EmbeddedReports.Write(EvaluationReport.Of(reports, settings), settings.Output);
        text.WriteLine($"Written to {settings.Output}: results.json, results.md, plots.");
        return text.ToString();
    }

    private EvaluationSettings Settings(ParseResult parsed)
    {
        bool isQuick = parsed.GetValue(_common.Quick);
        EvaluationSettings settings = _common.Settings(parsed, isQuick ? QuickPrompts : FullPrompts, isQuick ? 1 : FullSeeds);
        return settings with
        {
            Split = parsed.GetValue(_split) == Tuning ? EvaluationSplit.Tuning : EvaluationSplit.HeldOut,
            Tuned = parsed.GetValue(_untuned) ? null : settings.Tuned,
            Drafts = parsed.GetValue(_drafts),
            Studies = !isQuick && !parsed.GetValue(_noStudies) && !parsed.GetValue(_drafts),
        };
    }
}
