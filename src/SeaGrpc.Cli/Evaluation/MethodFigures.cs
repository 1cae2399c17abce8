using System.Diagnostics;
using SeaGrpc.Alignment;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Worlds;

namespace SeaGrpc.Cli.Evaluation;

/// <summary>One method's figures, averaged over prompts.</summary>
/// <param name="Name">The method.</param>
/// <param name="Reward">Mean reward of the answers.</param>
/// <param name="GoodSlots">Share of good slots.</param>
/// <param name="AllGood">Share of answers with every slot good, grammatical and on topic.</param>
/// <param name="Grammatical">Share of answers that the grammar accepts.</param>
/// <param name="OnTopic">Share of answers that name the prompt's object and problem.</param>
/// <param name="SecondsPerPrompt">Wall time, prefill to answer.</param>
internal sealed record MethodFigures(
    string Name, double Reward, double GoodSlots, double AllGood, double Grammatical, double OnTopic, double SecondsPerPrompt)
{
    /// <summary>Longest answer: the world's longest and a margin.</summary>
    private const int MaxResponseTokens = 96;

    /// <summary>The Markdown table's head.</summary>
    public const string Header =
        "| method | reward | good slots % | all good % | grammatical % | on topic % | s/prompt |\n|---|---|---|---|---|---|---|";

    /// <summary>Runs a method on every prompt; one warm-up run is not counted.</summary>
    public static MethodFigures Measure(
        string name, MethodParameters method, AlignmentModels models, IReadOnlyList<WorldPrompt> prompts, ulong seed)
    {
        Answer(models, prompts[0], method, seed);
        double reward = 0;
        var judgements = new Judgement[prompts.Count];
        var watch = Stopwatch.StartNew();
        for (int index = 0; index < prompts.Count; index++)
        {
            ScoredResponse response = Answer(models, prompts[index], method, seed + (ulong)index);
            reward += response.Reward;
            judgements[index] = Judge.Assess(prompts[index], models.Policy.Tokenizer.Decode(response.Tokens));
        }

        double seconds = watch.Elapsed.TotalSeconds / prompts.Count;
        return new MethodFigures(
            name,
            reward / prompts.Count,
            judgements.Average(judgement => (double)judgement.GoodSlots / SupportDesk.SlotCount),
            Share(judgements, judgement => judgement.AllGood),
            Share(judgements, judgement => judgement.Grammatical),
            Share(judgements, judgement => judgement.OnTopic),
            seconds);
    }

    /// <summary>The Markdown table's row.</summary>
    public string ToRow() =>
        $"| {Name} | {Reward:F2} | {100 * GoodSlots:F0} | {100 * AllGood:F0} | {100 * Grammatical:F0} | {100 * OnTopic:F0} | {SecondsPerPrompt:F2} |";

    private static double Share(Judgement[] judgements, Func<Judgement, bool> holds) =>
        (double)judgements.Count(holds) / judgements.Length;

    private static ScoredResponse Answer(AlignmentModels models, WorldPrompt prompt, MethodParameters method, ulong seed)
    {
        var task = new AlignmentTask
        {
            Prompt = models.Prompts.EncodeChat([new ChatMessage("user", prompt.Text)]),
            Method = method,
            Seed = seed,
            MaxResponseTokens = MaxResponseTokens,
        };
        using IAlignmentRun run = models.Start(task);
        while (!run.IsFinished)
        {
            run.Advance();
        }

        return run.Complete(run.FinishReason).Response;
    }
}
