using System.Globalization;
using System.Text.RegularExpressions;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Lab.Evaluation;

/// <summary>Names of methods for evaluations, and the parameters that each denotes.</summary>
/// <remarks>
/// The contract's names, with parameters in brackets (<see cref="MethodText"/>), and short ones. Grammar of these, parts in brackets may
/// be left out, in this order:
/// <code>
/// best-of-N                              N samples
/// args[-kK][-wW][-raw][-drawn]           K candidates, guidance weight W; prefixes scored at their last token; candidates
///                                        drawn instead of the best taken
/// cbs-WxK-L[-raw | -rollout[R][-max]]    W beams, K successors each, chunks of L tokens; prefixes scored at their last
///                                        token, or ranked by the mean (max: the highest) reward of R completions
/// sea[-langevin | -paper][-N-chain[s]][-random-init][-no-reward][-no-reference][-no-noise]
///                                        a preset; the paper's ablations, alone or together
/// </code>
/// What a name omits has the method's default. Searches sample no draft: it would add to their cost, and could become the answer.
/// </remarks>
public static partial class MethodCatalog
{
    /// <summary>What may be named, for help texts and messages.</summary>
    public static string Names { get; } = string.Join(", ", MethodSchema.All.Select(method => method.Name))
        + "; for short best-of-N (best-of-64), args-kK-wW (args-k10-w4, -raw, -drawn), cbs-WxK-L (cbs-4x4-10, -raw, -rollout8, "
        + "-rollout8-max); sea-langevin, sea-paper, and their ablations sea-1-chain, -random-init, -no-reward, -no-reference, -no-noise";

    /// <summary>The parameters of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>, with parameters in brackets: <c>sea[chains=2,reward_weight=4]</c>.</param>
    /// <exception cref="ArgumentException">There is no such method or parameter; the message lists what there is.</exception>
    public static MethodParameters Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        (string method, string assignments) = MethodBrackets.Split(name);
        if (MethodText.IsName(method))
        {
            MethodText text = MethodText.Parse(name);
            return text.Over(WithoutDraft(text.Start));
        }

        MethodParameters parameters = Named(method);
        MethodSchema schema = MethodSchema.Of(parameters);
        return MethodText.Parse(schema, schema.Presets[0], assignments).Over(parameters);
    }

    /// <summary>The parameters that a short name stands for.</summary>
    private static MethodParameters Named(string name)
    {
        MethodParameters? method = ArgsName().Match(name) is { Success: true } args ? Args(args)
            : ChunkBeamSearchName().Match(name) is { Success: true } search ? ChunkBeamSearch(search)
            : SeaName().Match(name) is { Success: true } sea ? Sea(sea)
            : null;
        return method ?? throw new ArgumentException($"The method {name} is not known: use {Names}.");
    }

    private static MethodParameters WithoutDraft(MethodParameters method) => method switch
    {
        ArgsParameters args => args with { SampleDraft = false },
        ChunkBeamSearchParameters search => search with { SampleDraft = false },
        _ => method,
    };

    private static ArgsParameters Args(Match name)
    {
        var absent = new ArgsParameters();
        return absent with
        {
            Candidates = Whole(name, "k") ?? absent.Candidates,
            GuidanceWeight = name.Groups["w"].Success
                ? double.Parse(name.Groups["w"].ValueSpan, CultureInfo.InvariantCulture)
                : absent.GuidanceWeight,
            PrefixScoring = name.Groups["raw"].Success ? ArgsPrefixScoring.Raw : ArgsPrefixScoring.EosAppended,
            Greedy = !name.Groups["drawn"].Success,
            SampleDraft = false,
        };
    }

    private static ChunkBeamSearchParameters ChunkBeamSearch(Match name)
    {
        var absent = new ChunkBeamSearchParameters();
        return absent with
        {
            BeamWidth = Whole(name, "w") ?? absent.BeamWidth,
            SamplesPerBeam = Whole(name, "k") ?? absent.SamplesPerBeam,
            ChunkTokens = Whole(name, "l") ?? absent.ChunkTokens,
            PrefixScoring = name.Groups["raw"].Success ? BeamPrefixScoring.Raw
                : name.Groups["rollout"].Success ? BeamPrefixScoring.Rollout
                : BeamPrefixScoring.EosAppended,
            Rollouts = Whole(name, "r") ?? absent.Rollouts,
            RolloutRanking = name.Groups["max"].Success ? RolloutRanking.Max : RolloutRanking.Mean,
            SampleDraft = false,
        };
    }

    private static SeaParameters Sea(Match name)
    {
        SeaParameters preset = name.Groups["paper"].Success ? SeaParameters.Paper
            : name.Groups["langevin"].Success ? SeaParameters.Langevin
            : SeaParameters.Default;
        SeaParameters sea = Whole(name, "chains") is { } chains ? preset with { Chains = chains } : preset;
        sea = name.Groups["random"].Success ? sea with { Initialization = SeaInitialization.Random } : sea;
        sea = name.Groups["reward"].Success ? sea with { RewardWeight = 0 } : sea;
        sea = name.Groups["reference"].Success ? sea with { Reference = SeaReference.None } : sea;
        return name.Groups["noise"].Success ? sea with { Noise = SeaNoise.None, EmbeddingNoise = 0 } : sea;
    }

    private static int? Whole(Match name, string part) => name.Groups[part].Success
        ? int.Parse(name.Groups[part].ValueSpan, CultureInfo.InvariantCulture)
        : null;

    // Whole numbers have at most 7 digits and do not begin with 0.
    [GeneratedRegex(@"^args(-k(?<k>[1-9][0-9]{0,6}))?(-w(?<w>[0-9]{1,6}(\.[0-9]{1,6})?))?(?<raw>-raw)?(?<drawn>-drawn)?\z")]
    private static partial Regex ArgsName();

    [GeneratedRegex(
        @"^cbs-(?<w>[1-9][0-9]{0,6})x(?<k>[1-9][0-9]{0,6})-(?<l>[1-9][0-9]{0,6})((?<raw>-raw)|(?<rollout>-rollout)(?<r>[1-9][0-9]{0,6})?(?<max>-max)?)?\z")]
    private static partial Regex ChunkBeamSearchName();

    [GeneratedRegex(
        @"^sea((?<paper>-paper)|(?<langevin>-langevin))?(-(?<chains>[1-9][0-9]{0,6})-chains?)?(?<random>-random-init)?(?<reward>-no-reward)?(?<reference>-no-reference)?(?<noise>-no-noise)?\z")]
    private static partial Regex SeaName();
}
