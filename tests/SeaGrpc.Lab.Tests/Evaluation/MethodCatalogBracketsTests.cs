using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Lab.Evaluation;

namespace SeaGrpc.Lab.Tests.Evaluation;

public sealed class MethodCatalogBracketsTests
{
    public static TheoryData<string, MethodParameters> Bracketed => new()
    {
        {
            "sea[chains=2, reward_weight=2.5,keep_best=false,noise=langevin]",
            SeaParameters.Default with { Chains = 2, RewardWeight = 2.5, KeepBest = false, Noise = SeaNoise.Langevin }
        },
        { "sea[chains=2, reward-weight=2.5,keep-best=false]",
            SeaParameters.Default with { Chains = 2, RewardWeight = 2.5, KeepBest = false } },
        { "sea[preset=paper,chains=1]", SeaParameters.Paper with { Chains = 1 } },
        { "sea[sampler=langevin]", SeaParameters.Langevin },
        { "sea-paper[chains=1]", SeaParameters.Paper with { Chains = 1 } },
        { "sea-4-chains[chains=2,chains=1]", SeaParameters.Default with { Chains = 1 } },
        { "best-of-4[sampling-temperature=0.7]", new BestOfNParameters { SampleCount = 4, SamplingTemperature = 0.7 } },
        { "best_of_n[sample_count=4]", new BestOfNParameters { SampleCount = 4 } },
        { "cbs-2x2-30[sampling-temperature=0.5]",
            Beams with { BeamWidth = 2, SamplesPerBeam = 2, ChunkTokens = 30, SamplingTemperature = 0.5 } },
        { "chunk_beam_search[temperature=0.5]", Beams with { SamplingTemperature = 0.5 } },
        { "args[sample_draft=true]", new ArgsParameters() },
        { "energy-search[beam_width=2]", new EnergySearchParameters { BeamWidth = 2 } },
        { "sea[]", SeaParameters.Default },
    };

    private static ChunkBeamSearchParameters Beams { get; } = new() { SampleDraft = false };

    [Theory]
    [MemberData(nameof(Bracketed))]
    public void Brackets_change_parameters_and_leave_the_rest(string name, MethodParameters method) =>
        Assert.Equal(method, MethodCatalog.Parse(name));

    [Fact]
    public void A_preset_stays_as_it_is()
    {
        MethodCatalog.Parse("sea-paper[chains=1]");
        Assert.Equal(4, SeaParameters.Paper.Chains);
    }

    [Theory]
    [InlineData("sea[chians=2]", "did you mean chains? It has chains, combine_flips,")]
    [InlineData("sea[chains]", "with one of chains,")]
    [InlineData("sea[chains=two]", "chains must be a whole number, at least 1, but is two.")]
    [InlineData("sea[chains=-1]", "chains must be a whole number, at least 1, but is -1.")]
    [InlineData("sea[step-size=NaN]", "step_size must be a number, above 0 (0.000001 to 1000000), but is NaN.")]
    [InlineData("sea[keep-best=yes]", "keep_best must be true or false, but is yes.")]
    [InlineData("sea[noise=loud]", "none, paper, langevin, annealed")]
    [InlineData("sea[noise=1]", "none, paper, langevin, annealed")]
    [InlineData("sea[chains=2", "closing bracket")]
    [InlineData("sea[preset=fast]", "preset must be one of default, langevin, paper, but is fast.")]
    [InlineData("sea-paper[preset=langevin]", "omit preset=langevin")]
    [InlineData("sea-2-chains[preset=langevin]", "omit preset=langevin")]
    [InlineData("best-of-4[chains=2]", "best_of_n has no parameter chains")]
    [InlineData("tea[chains=2]", "best-of-N (best-of-64)")]
    public void What_does_not_fit_is_answered_with_what_does(string name, string said) =>
        Assert.Contains(said, Assert.Throws<ArgumentException>(() => MethodCatalog.Parse(name)).Message, StringComparison.Ordinal);
}
