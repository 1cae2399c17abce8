using SeaGrpc.Alignment;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>Runs one method on one prompt and has the answer judged by its text alone.</summary>
internal static class AnswerRunner
{
    public static AnswerRecord Run(AlignmentModels models, IEmbeddedWorld world, AnswerTask task, string key)
    {
        EncodedPrompt prompt = models.Prompts.EncodeChat([new ChatMessage("user", task.Prompt.Text)]);
        var trace = new RunTrace();
        TimeSpan begin = ThreadClock.Now;
        AlignmentOutcome outcome = Align(models, task, prompt, world.MaxResponseTokens, trace);
        double seconds = (ThreadClock.Now - begin).TotalSeconds;
        ScoredResponse response = outcome.Response;
        string text = models.Policy.Tokenizer.Decode(response.Tokens);
        return new AnswerRecord
        {
            Key = key,
            Commit = BuildCommit.Hash,
            Method = task.Method,
            PromptIndex = task.PromptIndex,
            Seed = task.Seed,
            Text = text,
            Assessment = world.Assess(task.Prompt, text),
            Reward = response.Reward,
            LogProbability = response.LogProbability,
            Surprisal = models.Surprisal(prompt, response.Tokens, response.EndsWithEos),
            Kl = trace.Kl(outcome.Iteration, outcome.Chain),
            Cost = outcome.Cost,
            Seconds = seconds,
            BestReward = trace.BestReward,
            BestEnergy = trace.BestEnergy,
            MeanReward = trace.MeanReward,
            MeanEnergy = trace.MeanEnergy,
        };
    }

    private static AlignmentOutcome Align(
        AlignmentModels models, AnswerTask task, EncodedPrompt prompt, int maxResponseTokens, RunTrace trace)
    {
        using IAlignmentRun run = models.Start(new AlignmentTask
        {
            Prompt = prompt,
            Method = task.Parameters,
            Seed = task.Seed,
            MaxResponseTokens = maxResponseTokens,
            ResponsePrefix = task.Start.Length == 0 ? [] : models.Policy.Tokenizer.Encode(task.Start),
            ResponsePrefixOpen = task.StartOpen,
            Draft = task.Draft.Length == 0 ? null : models.Policy.Tokenizer.Encode(task.Draft),
        });
        while (!run.IsFinished)
        {
            trace.Note(run.Advance());
        }

        return run.Complete(run.FinishReason);
    }
}
