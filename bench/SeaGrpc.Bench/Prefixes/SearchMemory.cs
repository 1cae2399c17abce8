using SeaGrpc.Alignment;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Bench.Iterations;

namespace SeaGrpc.Bench.Prefixes;

/// <summary>Memory of one search: a draft, and a search from the first token on.</summary>
/// <param name="HeldBytes">Peak of the process above what it held with the models loaded.</param>
/// <param name="EstimatedBytes">Admission's estimate of the same.</param>
internal sealed record SearchMemory(long HeldBytes, long EstimatedBytes)
{
    /// <summary>Measures it; the first work of a process.</summary>
    /// <param name="models">The models.</param>
    /// <param name="setting">The lengths; the answer's is the token limit.</param>
    public static SearchMemory Measure(AlignmentModels models, PrefixesSetting setting)
    {
        var start = new RandomStart(models, seed: 3);
        int[] prompt = start.Tokens(setting.PromptTokens);
        var task = new AlignmentTask
        {
            Prompt = new EncodedPrompt(prompt, [new RewardPrompt(prompt, [.. start.Tokens(setting.Tail - 1), models.Prompts.EosId])]),
            Method = new EnergySearchParameters
            {
                Iterations = 1,
                BeamWidth = setting.Beams,
                Candidates = setting.Candidates,
                Spans = false,
                Substitutions = false,
            },
            Seed = 1,
            MaxResponseTokens = setting.AnswerTokens,
        };
        GC.Collect();
        ProcessMemory.ForgetPeak();
        long loaded = ProcessMemory.Resident;
        using IAlignmentRun run = models.Start(task);
        while (!run.IsFinished)
        {
            run.Advance();
        }

        return new SearchMemory(ProcessMemory.Peak - loaded, TaskMemory.Of(models, task).Total);
    }
}
