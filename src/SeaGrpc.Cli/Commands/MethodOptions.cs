using System.CommandLine;
using System.CommandLine.Parsing;
using SeaGrpc.Cli.Runs;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Commands;

/// <summary>The options of <c>align</c> that choose a method and its parameters.</summary>
internal sealed class MethodOptions
{
    private const string Sea = "sea";
    private const string BestOfN = "best-of-n";
    private const string Args = "args";
    private const string ChunkBeamSearch = "chunk-beam-search";
    private const string Base = "base";

    private readonly Option<string> method = Method();
    private readonly Option<string?> preset = Choice("--preset", "SEA's parameters: what works best, Langevin dynamics as they work best, or the paper's.", "default", "langevin", "paper");
    private readonly Option<int?> chains = new("--chains") { Description = "SEA: chains side by side.", HelpName = "N" };
    private readonly Option<int?> iterations = new("--iterations") { Description = "SEA: iterations.", HelpName = "N" };
    private readonly Option<int?> draftSamples = new("--draft-samples")
    {
        Description = "SEA: samples drawn to start from; with --draft its rivals, 0 for the draft alone.",
        HelpName = "N",
    };

    private readonly Option<string?> initialization = Choice("--initialization", "SEA by Langevin dynamics: how chains start.", "draft", "random");
    private readonly Option<string?> reference = Choice("--reference", "SEA: the reference policy's term of the gradient.", "full", "detached", "none");
    private readonly Option<string?> noise = Choice("--noise", "SEA by Langevin dynamics: noise on the logits.", "none", "paper", "langevin", "annealed");
    private readonly Option<double?> embeddingNoise = new("--embedding-noise")
    {
        Description = "SEA: smoothing noise on the embeddings, in their standard deviations.",
        HelpName = "X",
    };

    private readonly Option<double?> stepSize = new("--step-size") { Description = "SEA by Langevin dynamics: step size.", HelpName = "ETA" };
    private readonly Option<int?> samples = new("--samples") { Description = "best-of-n: samples.", HelpName = "N" };
    private readonly Option<int?> candidates = new("--candidates") { Description = "args: candidates for each token.", HelpName = "K" };
    private readonly Option<double?> guidanceWeight = new("--guidance-weight") { Description = "args: weight of the reward against the logits.", HelpName = "W" };
    private readonly Option<int?> beamWidth = new("--beam-width") { Description = "chunk-beam-search: beams that survive a chunk.", HelpName = "W" };
    private readonly Option<int?> samplesPerBeam = new("--samples-per-beam") { Description = "chunk-beam-search: successors of each beam.", HelpName = "K" };
    private readonly Option<int?> chunkTokens = new("--chunk-tokens") { Description = "chunk-beam-search: length of a chunk.", HelpName = "L" };
    private readonly Option<string?> prefixScoring = Choice(
        "--prefix-scoring",
        "args, chunk-beam-search: how an answer that has not ended is scored; rollout is for chunk-beam-search.",
        "eos-appended", "raw", "rollout");

    private readonly Option<int?> rollouts = new("--rollouts") { Description = "chunk-beam-search: completions of each candidate.", HelpName = "R" };
    private readonly Option<double?> rewardWeight = new("--reward-weight")
    {
        Description = "Weight of the reward in the energy, in nats per reward unit.",
        HelpName = "ALPHA",
    };

    /// <summary>What runs.</summary>
    public static Option<string> Method() => new Option<string>("--method")
    {
        Description = "What runs: SEA, the best of N samples, a search led by the reward token by token (args) or chunk by chunk, or one sample.",
        DefaultValueFactory = _ => Sea,
    }.AcceptOnlyFromAmong(Sea, BestOfN, Args, ChunkBeamSearch, Base);

    /// <summary>What <see cref="Method"/> stands for.</summary>
    public static AlignmentMethod Named(string name) => name switch
    {
        BestOfN => AlignmentMethod.BestOfN,
        Args => AlignmentMethod.Args,
        ChunkBeamSearch => AlignmentMethod.ChunkBeamSearch,
        Base => AlignmentMethod.Base,
        _ => AlignmentMethod.Sea,
    };

    /// <summary>Adds the options and the rules between them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="draft">The option that method base has no use for.</param>
    public void AddTo(Command command, Option draft)
    {
        (Option Option, string[] Methods)[] own =
        [
            (preset, [Sea]), (chains, [Sea]), (iterations, [Sea]), (draftSamples, [Sea]), (initialization, [Sea]), (reference, [Sea]), (noise, [Sea]),
            (embeddingNoise, [Sea]), (stepSize, [Sea]), (samples, [BestOfN]), (candidates, [Args]), (guidanceWeight, [Args]),
            (beamWidth, [ChunkBeamSearch]), (samplesPerBeam, [ChunkBeamSearch]), (chunkTokens, [ChunkBeamSearch]),
            (prefixScoring, [Args, ChunkBeamSearch]), (rollouts, [ChunkBeamSearch]),
        ];
        command.Add(method);
        command.Add(rewardWeight);
        foreach ((Option option, _) in own)
        {
            command.Add(option);
        }

        command.Validators.Add(result => Check(result, [.. own, (draft, [Sea, BestOfN, Args, ChunkBeamSearch])]));
    }

    /// <summary>What is asked for.</summary>
    public MethodArguments Read(ParseResult parse) => new()
    {
        Method = Named(parse.GetRequiredValue(method)),
        RewardWeight = parse.GetValue(rewardWeight),
        Preset = Word<SeaPreset>(parse.GetValue(preset)),
        Chains = parse.GetValue(chains),
        Iterations = parse.GetValue(iterations),
        DraftSamples = parse.GetValue(draftSamples),
        Initialization = Word<SeaInitialization>(parse.GetValue(initialization)),
        Reference = Word<SeaReference>(parse.GetValue(reference)),
        Noise = Word<SeaNoise>(parse.GetValue(noise)),
        EmbeddingNoise = parse.GetValue(embeddingNoise),
        StepSize = parse.GetValue(stepSize),
        Samples = parse.GetValue(samples),
        Candidates = parse.GetValue(candidates),
        GuidanceWeight = parse.GetValue(guidanceWeight),
        BeamWidth = parse.GetValue(beamWidth),
        SamplesPerBeam = parse.GetValue(samplesPerBeam),
        ChunkTokens = parse.GetValue(chunkTokens),
        PrefixScoring = parse.GetValue(prefixScoring),
        Rollouts = parse.GetValue(rollouts),
    };

    private static Option<string?> Choice(string name, string description, params string[] values) =>
        new Option<string?>(name) { Description = description }.AcceptOnlyFromAmong(values);

    private static T? Word<T>(string? word)
        where T : struct, Enum => word is null ? null : Enum.Parse<T>(word, ignoreCase: true);

    private void Check(CommandResult result, IEnumerable<(Option Option, string[] Methods)> own)
    {
        var name = result.GetResult(method)?.Tokens is [var token] ? token.Value : Sea;
        foreach ((Option option, string[] methods) in own.Where(entry => result.GetResult(entry.Option) is not null))
        {
            if (!methods.Contains(name))
            {
                result.AddError($"{option.Name} has no meaning with --method {name}.");
            }
        }

        if (name == Sea && result.GetResult(preset)?.Tokens is not [{ Value: "langevin" or "paper" }])
        {
            foreach (Option option in new Option[] { initialization, noise, stepSize }.Where(option => result.GetResult(option) is not null))
            {
                result.AddError($"{option.Name} is for Langevin dynamics: add --preset langevin or --preset paper.");
            }
        }

        if (name == Args && result.GetResult(prefixScoring)?.Tokens is [{ Value: "rollout" }])
        {
            result.AddError("--prefix-scoring rollout has no meaning with --method args: use eos-appended or raw.");
        }
    }
}
