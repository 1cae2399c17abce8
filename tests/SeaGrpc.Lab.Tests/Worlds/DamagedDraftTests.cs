using SeaGrpc.Alignment;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.KeepYourWord;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Tests.Worlds;

/// <summary>Drafts with one wrong word, of another length than the right ones.</summary>
[Trait("tier", "slow")]
public sealed class DamagedDraftTests
{
    [Theory]
    [InlineData("support-desk")]
    [InlineData(KeepYourWordWorld.WorldName)]
    public void A_damaged_answer_is_wrong_and_of_the_kinds_length(string name)
    {
        IEmbeddedWorld world = WorldPair.Of(name)[0].World;
        foreach ((int seed, WorldPrompt prompt) in world.TuningPrompts(20, seed: 2).Index())
        {
            int[] lengths = [.. world.DraftErrors.Select(kind => world.DamagedAnswer(prompt, kind, seed))
                .Select(answer => world.Assess(prompt, answer).AllGood ? 0 : answer.Split(' ').Length)];
            Assert.Equal([-1, 1, 0, 1], lengths.Select(length => length - lengths[2]));
        }
    }

    /// <summary>Nine in ten are all good in the end.</summary>
    [Theory]
    [InlineData("support-desk")]
    [InlineData(KeepYourWordWorld.WorldName)]
    public void One_word_dropped_doubled_swapped_or_inserted_is_repaired(string name)
    {
        WorldPair pair = WorldPair.Of(name)[0];
        using AlignmentModels models = pair.Load(Path.Combine(AppContext.BaseDirectory, "models"));
        WorldPrompt[] prompts = [.. pair.World.TuningPrompts(3, seed: 2)];
        string[] missed =
        [
            .. pair.World.DraftErrors.SelectMany(kind => prompts.Index().Select(prompt => (kind, prompt.Item, prompt.Index)))
                .Where(one => !IsRepaired(models, pair.World, one.Item, one.kind, one.Index))
                .Select(one => $"{one.kind}, prompt {one.Index}"),
        ];
        Assert.True(10 * missed.Length <= pair.World.DraftErrors.Count * prompts.Length, string.Join("; ", missed));
    }

    private static bool IsRepaired(AlignmentModels models, IEmbeddedWorld world, WorldPrompt prompt, string kind, int seed)
    {
        using IAlignmentRun run = models.Start(new AlignmentTask
        {
            Prompt = models.Prompts.EncodeChat([new ChatMessage("user", prompt.Text)]),
            Method = new EnergySearchParameters { MaxFluencyLoss = DraftedParameters.LossFromCallersDraft },
            Seed = (ulong)seed,
            MaxResponseTokens = world.MaxResponseTokens,
            Draft = [.. models.Policy.Tokenizer.Encode(world.DamagedAnswer(prompt, kind, seed))],
        });
        while (!run.IsFinished)
        {
            run.Advance();
        }

        return world.Assess(prompt, models.Policy.Tokenizer.Decode(run.Complete(run.FinishReason).Response.Tokens)).AllGood;
    }
}
