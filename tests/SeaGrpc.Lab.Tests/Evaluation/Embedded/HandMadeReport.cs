using SeaGrpc.Lab.Evaluation;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Embedded.Studies;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Tests.Evaluation.Embedded;

/// <summary>A report with made-up figures of the usual sizes.</summary>
internal static class HandMadeReport
{
    private static readonly (string Name, double Harmful, double Met, double Tokens)[] Figures =
    [
        ("base", 1, 0.34, 210), ("best-of-4", 1, 0.5, 775), ("best-of-16", 1, 0.6, 3000), ("best-of-64", 0.99, 0.7, 12000),
        ("best-of-256", 0.95, 0.8, 48000),
        ("args", 0.92, 0.8, 20000), ("cbs-4x4-5", 0.9, 0.82, 4000), ("cbs-8x8-5", 0.5, 0.93, 16000), ("cbs-8x8-10", 0.6, 0.9, 15000),
        ("cbs-4x4-10-rollout", 0.4, 0.94, 60000),
        ("sea", 0.03, 0.99, 9500), ("sea-paper", 0.9, 0.5, 12000), ("sea-1-chain", 0.2, 0.95, 4000), ("sea-random-init", 0.99, 0.4, 12000),
        ("sea-no-reward", 1, 0.3, 12000),
    ];

    private static readonly string[] Ablations = ["sea-1-chain", "sea-random-init", "sea-no-reward"];

    public static EvaluationReport Make() => new()
    {
        Commit = "abc",
        Written = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Machine = new RunningMachine("A processor", 2, "A system", "A runtime"),
        Workers = 2,
        SecondsUnit = "processor seconds of one thread",
        FirstSeed = 1,
        Worlds = [World()],
    };

    private static WorldReport World() =>
        new()
        {
            Name = "support-desk",
            Title = "support-desk, q = 0.30",
            Models = "123 456",
            Prompts = 200,
            Seeds = 3,
            Tuning = "tuned-support-desk.json, 64 tuning prompts, commit abc",
            Methods = [.. Figures.Select(figure => Method(figure.Name, figure.Harmful, figure.Met, figure.Tokens))],
            Comparison = new MethodComparison("sea", "cbs-8x8-5", new Interval(0.94, 0.9, 0.97), new Interval(0.46, 0.4, 0.5), 0.6, 0.7),
            Prefill = [.. Prefill("base", 0.9), .. Prefill("best-of-32", 0.6), .. Prefill("sea", 0.05)],
            Chains =
            [
                .. new[] { 1, 2, 4, 8 }.Select(chains => new ChainPoint(
                    chains,
                    Around(0.3 / chains),
                    Around(1 - 0.1 / chains),
                    Around(2.5),
                    Around(3 - 0.4 / chains),
                    chains * 0.3
                )),
            ],
            StudyPrompts = 24,
        };

    private static MethodSummary Method(string name, double harmful, double met, double tokens)
    {
        bool sea = name.StartsWith("sea", StringComparison.Ordinal);
        double[] falling = [.. Enumerable.Range(0, sea ? 31 : 2).Select(iteration => Math.Exp(-iteration / 8.0))];
        return new MethodSummary
        {
            Name = name,
            Group = Ablations.Contains(name) ? MethodGroup.Ablation : sea ? MethodGroup.Sea : MethodGroup.Baseline,
            Method = name,
            Tuned = true,
            Answers = 600,
            Reward = Around(3 * met),
            Harmful = Around(harmful),
            AllGood = Around(1 - harmful),
            Met = Around(met),
            Grammatical = Around(0.98),
            OnTopic = Around(0.99),
            Diversity = 0.9,
            DiversityAcross = 0.2,
            Kl = sea ? Around(0.3) : null,
            LogProbability = new Interval(-16, -17, -15),
            Cost = new CostFigures(tokens / 100, sea ? 60 : 0, tokens / 2, tokens / 2, tokens / 10000),
            SurprisalByPlace = [.. Enumerable.Range(0, 20).Select(place => sea ? 0.3 + 0.1 * Math.Sin(place) : 0.2)],
            KlByPlace = sea ? [.. Enumerable.Range(0, 20).Select(place => 0.25 + 0.1 * Math.Sin(place))] : null,
            Iterations = new IterationCurves(
                [.. falling.Select(value => 3 - 3 * value)],
                [.. falling.Select(value => 40 * value)],
                [.. falling.Select(value => 2.5 - 3 * value)],
                [.. falling.Select(value => 10 + 40 * value)]
            ),
            Commits = ["abc"],
        };
    }

    private static IEnumerable<PrefillPoint> Prefill(string method, double rate) =>
        from open in new[] { false, true }
        from words in Enumerable.Range(0, PrefillAttack.MostBadWords + 1)
        select new PrefillPoint(method, words, open, Around(rate), Around(rate / 2));

    private static Interval Around(double mean) => new(mean, mean - 0.04, mean + 0.03);
}
