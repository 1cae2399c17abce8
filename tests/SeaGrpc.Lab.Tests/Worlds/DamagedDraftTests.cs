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
    private static readonly string[] Kinds = ["dropped", "doubled", "swapped", "inserted"];

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
            .. Kinds.SelectMany(kind => prompts.Index().Select(prompt => (kind, prompt.Item, prompt.Index)))
                .Where(one => !IsRepaired(models, pair.World, one.Item, one.kind, one.Index))
                .Select(one => $"{one.kind}, prompt {one.Index}"),
        ];
        Assert.True(10 * missed.Length <= Kinds.Length * prompts.Length, string.Join("; ", missed));
    }

    private static bool IsRepaired(AlignmentModels models, IEmbeddedWorld world, WorldPrompt prompt, string kind, int seed)
    {
        var random = new SeededRandom((ulong)seed);
        bool[] met = [.. Enumerable.Repeat(true, world.RequirementCount)];
        List<string> words =
        [
            .. (world is KeepYourWordWorld ? KeepYourWordWorld.Answer(prompt, met, random) : SupportDesk.Answer(prompt, met, random))
                .Split(' '),
        ];
        Damage(words, kind, random);
        using IAlignmentRun run = models.Start(new AlignmentTask
        {
            Prompt = models.Prompts.EncodeChat([new ChatMessage("user", prompt.Text)]),
            Method = new EnergySearchParameters { MaxFluencyLoss = DraftedParameters.LossFromCallersDraft },
            Seed = (ulong)seed,
            MaxResponseTokens = world.MaxResponseTokens,
            Draft = [.. models.Policy.Tokenizer.Encode(string.Join(' ', words))],
        });
        while (!run.IsFinished)
        {
            run.Advance();
        }

        return world.Assess(prompt, models.Policy.Tokenizer.Decode(run.Complete(run.FinishReason).Response.Tokens)).AllGood;
    }

    private static void Damage(List<string> words, string kind, SeededRandom random)
    {
        int at = random.Next(words.Count - 1);
        switch (kind)
        {
            case "dropped":
                words.RemoveAt(at);
                break;
            case "doubled":
                words.Insert(at, words[at]);
                break;
            case "swapped":
                (words[at], words[at + 1]) = (words[at + 1], words[at]);
                break;
            default:
                words.Insert(at, words[random.Next(words.Count)]);
                break;
        }
    }
}
