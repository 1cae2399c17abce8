using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Lab.Evaluation;

namespace SeaGrpc.Lab.Tests.Evaluation;

public sealed class MethodCatalogTests
{
    private static readonly ArgsParameters Args = new() { SampleDraft = false };
    private static readonly ChunkBeamSearchParameters Beams = new() { SampleDraft = false };

    public static TheoryData<string, MethodParameters> Named => new()
    {
        { "base", new BaseParameters() },
        { "best-of-64", new BestOfNParameters { SampleCount = 64 } },
        { "args", Args },
        { "args-k10-w4", Args with { Candidates = 10, GuidanceWeight = 4 } },
        { "args-w0.5-raw-drawn", Args with { GuidanceWeight = 0.5, PrefixScoring = ArgsPrefixScoring.Raw, Greedy = false } },
        { "cbs-2x8-30", Beams with { BeamWidth = 2, SamplesPerBeam = 8, ChunkTokens = 30 } },
        { "cbs-4x4-10-raw", Beams with { PrefixScoring = BeamPrefixScoring.Raw } },
        { "cbs-4x4-10-rollout", Beams with { PrefixScoring = BeamPrefixScoring.Rollout } },
        { "cbs-4x4-5-rollout8-max",
            Beams with { ChunkTokens = 5, PrefixScoring = BeamPrefixScoring.Rollout, Rollouts = 8, RolloutRanking = RolloutRanking.Max } },
        { "sea", SeaParameters.Default },
        { "sea-langevin", SeaParameters.Langevin },
        { "sea-paper", SeaParameters.Paper },
        { "sea-langevin-1-chain", SeaParameters.Langevin with { Chains = 1 } },
        { "sea-langevin-random-init", SeaParameters.Langevin with { Initialization = SeaInitialization.Random } },
        { "sea-langevin-no-reward", SeaParameters.Langevin with { RewardWeight = 0 } },
        { "sea-langevin-no-reference", SeaParameters.Langevin with { Reference = SeaReference.None } },
        { "sea-langevin-no-noise", SeaParameters.Langevin with { Noise = SeaNoise.None, EmbeddingNoise = 0 } },
        { "sea-8-chains-no-reference", SeaParameters.Default with { Chains = 8, Reference = SeaReference.None } },
        { "sea-paper-1-chain", SeaParameters.Paper with { Chains = 1 } },
        { "sea-paper-random-init", SeaParameters.Paper with { Initialization = SeaInitialization.Random } },
        { "sea-paper-no-reward", SeaParameters.Paper with { RewardWeight = 0 } },
        { "sea-paper-no-reference", SeaParameters.Paper with { Reference = SeaReference.None } },
        { "sea-paper-no-noise", SeaParameters.Paper with { Noise = SeaNoise.None } },
        { "sea-langevin-8-chains-no-noise", SeaParameters.Langevin with { Chains = 8, Noise = SeaNoise.None, EmbeddingNoise = 0 } },
    };

    [Theory]
    [MemberData(nameof(Named))]
    public void A_name_stands_for_parameters(string name, MethodParameters method) => Assert.Equal(method, MethodCatalog.Parse(name));

    [Theory]
    [InlineData("sea-langevin-1-chain")]
    [InlineData("sea-langevin-random-init")]
    [InlineData("sea-langevin-no-reward")]
    [InlineData("sea-langevin-no-reference")]
    [InlineData("sea-langevin-no-noise")]
    public void An_ablation_differs_from_its_preset_in_both(string name)
    {
        Assert.NotEqual(SeaParameters.Langevin, MethodCatalog.Parse(name));
        Assert.NotEqual(SeaParameters.Paper, MethodCatalog.Parse(name.Replace("-langevin-", "-paper-", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("best-of-0")]
    [InlineData("best-of-many")]
    [InlineData("best-of-99999999999")]
    [InlineData("args-k0")]
    [InlineData("args-w-1")]
    [InlineData("cbs-4x4")]
    [InlineData("cbs-4x4-10-rollout0")]
    [InlineData("cbs-4x4-10-raw-max")]
    [InlineData("sea-0-chains")]
    [InlineData("sea-no-hope")]
    [InlineData("sea\n")]
    public void An_unknown_name_is_answered_with_the_known_ones(string name) =>
        Assert.Contains(
            MethodCatalog.Names, Assert.Throws<ArgumentException>(() => MethodCatalog.Parse(name)).Message, StringComparison.Ordinal);
}
