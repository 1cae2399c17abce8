using SeaGrpc.Alignment.Sea;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Embedded.Studies;
using SeaGrpc.Lab.Evaluation.Embedded.Tuning;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Testing;

namespace SeaGrpc.Lab.Tests.Evaluation.Embedded;

/// <summary>The whole way on the embedded models.</summary>
[Trait("tier", "slow")]
public sealed class EmbeddedEvaluationTests : IDisposable
{
    private static readonly WorldPair SupportDeskPair = WorldPair.Of("support-desk").Single();
    private static readonly IReadOnlyList<MethodEntry> Methods =
        [.. new[] { "base", "best-of-2", "sea[chains=2,iterations=3]" }.Select(EmbeddedMethods.Named)];

    private readonly TemporaryFolder _folder = new();
    private readonly Recorder _progress = new();

    [Fact]
    public void Answers_are_made_once_and_an_interrupted_evaluation_goes_on_from_them()
    {
        EvaluationSettings settings = Settings(workers: 2);
        WorldReport whole = Run(settings);
        string partial = Path.Combine(settings.Output, "partial-support-desk.jsonl");
        string[] lines = File.ReadAllLines(partial);
        Assert.Equal(6, lines.Length);

        // As if it had been killed after two answers and inside the third.
        File.WriteAllText(partial, string.Join('\n', lines[0], lines[1], lines[2][..50]));
        WorldReport resumed = Run(settings);
        Assert.Equal(whole.Methods.Select(Judged), resumed.Methods.Select(Judged));
        Assert.Equal(6, File.ReadLines(partial).Count(line => line.EndsWith('}')));

        // And nothing at all is left to do.
        Run(settings);
        Assert.Equal(6, File.ReadLines(partial).Count(line => line.EndsWith('}')));
    }

    [Fact]
    public void The_number_of_workers_changes_no_answer() =>
        Assert.Equal(
            Run(Settings(workers: 1)).Methods.Select(Judged),
            Run(Settings(workers: 3) with { Output = _folder.File("other") }).Methods.Select(Judged)
        );

    [Fact]
    public void The_attack_forces_its_start_and_an_open_one_may_be_changed()
    {
        WorldPrompt[] prompts = [.. SupportDesk.HeldOutPrompts(1, 2)];
        EvaluationSettings settings = Settings(workers: 2);
        var maker = new AnswerMaker(SupportDeskPair, settings.Models, 2, log: null, _progress);
        AnswerRecord[] answers =
        [
            .. maker.Make(
                [.. PrefillAttack.Tasks("sea", SeaParameters.Default with { Chains = 1, Iterations = 1 }, prompts, 1)],
                CancellationToken.None
            ),
        ];
        Assert.All(Enumerable.Range(0, PrefillAttack.MostBadWords + 1), words =>
            Assert.StartsWith(BadStart.Of(prompts[0], words, seed: 0), answers[words].Text, StringComparison.Ordinal)
        );
        PrefillPoint[] points = [.. PrefillAttack.Points("sea", answers)];
        Assert.Equal(16, points.Length);
        Assert.All(points, point => Assert.InRange(point.BadSlots.Mean, 0, 1));
    }

    [Fact]
    public void Tuning_goes_on_where_it_was_and_an_evaluation_runs_its_choice()
    {
        EvaluationSettings settings = Settings(workers: 2) with { Tuned = _folder.File("tuned") };
        MethodEntry[] entries = [EmbeddedMethods.Named("base")];
        TuningRecord first = Tuner.Run(SupportDeskPair, entries, settings, _progress, CancellationToken.None);
        int made = _progress.Count;
        TuningRecord second = Tuner.Run(SupportDeskPair, entries, settings, _progress, CancellationToken.None);
        Assert.Equal(made, _progress.Count);
        Assert.Equal(EmbeddedMethods.SettingsPerMethod, first.Methods.Single().Candidates.Count);
        Assert.Equal(first.Methods.Single().Candidates, second.Methods.Single().Candidates);

        string chosen = TuningChoice.Of(first.Methods.Single().Candidates).Method;
        MethodSummary summary = EmbeddedEvaluation
            .Run(SupportDeskPair, entries, settings, _progress, CancellationToken.None)
            .Methods.Single();
        Assert.Equal((chosen, true), (summary.Method, summary.Tuned));
    }

    [Fact]
    public void The_tuning_split_shares_no_prompt_with_the_held_out_one() =>
        Assert.Empty(SupportDesk.TuningPrompts(64, 2).Intersect(SupportDesk.HeldOutPrompts(200, 2)));

    [Fact]
    public void A_damaged_record_of_settings_is_named()
    {
        Directory.CreateDirectory(_folder.File("tuned"));
        File.WriteAllText(TuningFiles.PathOf(_folder.File("tuned"), "support-desk"), "{");
        Assert.Contains(
            "tuned-support-desk.json",
            Assert.Throws<InvalidDataException>(() => TuningFiles.Read(_folder.File("tuned"), "support-desk")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_cancelled_evaluation_says_so_and_keeps_what_is_finished()
    {
        using var cancel = new CancellationTokenSource();
        _progress.Then = cancel.Cancel;
        EvaluationSettings settings = Settings(workers: 1);
        Assert.Throws<OperationCanceledException>(() =>
            EmbeddedEvaluation.Run(SupportDeskPair, Methods, settings, _progress, cancel.Token)
        );
        Assert.Single(File.ReadLines(Path.Combine(settings.Output, "partial-support-desk.jsonl")));
    }

    public void Dispose() => _folder.Dispose();

    private static (string, double, double, string) Judged(MethodSummary method) =>
        (method.Name, method.Reward.Mean, method.Met.Mean, $"{method.Cost.Tokens}");

    private WorldReport Run(EvaluationSettings settings) =>
        EmbeddedEvaluation.Run(SupportDeskPair, Methods, settings, _progress, CancellationToken.None);

    private EvaluationSettings Settings(int workers) =>
        new()
        {
            Prompts = 2,
            Seeds = 1,
            Workers = workers,
            Models = Path.Combine(AppContext.BaseDirectory, "models"),
            Output = _folder.File("out"),
        };

    private sealed class Recorder : IProgress<EvaluationProgress>
    {
        private int _count;

        public int Count => _count;

        public Action? Then { get; set; }

        public void Report(EvaluationProgress value)
        {
            Interlocked.Increment(ref _count);
            Then?.Invoke();
        }
    }
}
