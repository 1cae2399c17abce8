using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Sea;

namespace SeaGrpc.Alignment.Tests.Parameters;

public sealed class MethodTextTests
{
    public static TheoryData<string, MethodParameters> Texts => new()
    {
        { "sea", SeaParameters.Default },
        { "sea-paper", SeaParameters.Paper },
        { "sea_paper[chains=2]", SeaParameters.Paper with { Chains = 2 } },
        { "sea[preset=paper,step_size=3]", SeaParameters.Paper with { StepSize = 3 } },
        { "sea[preset=SEA_PRESET_LANGEVIN]", SeaParameters.Langevin },
        { "sea[sampler=langevin,chains=2]", SeaParameters.Langevin with { Chains = 2 } },
        { "sea[sampler=SEA_SAMPLER_LANGEVIN,preset=default]", SeaParameters.Default with { Sampler = SeaSampler.Langevin } },
        { "sea[sampler=gradient-flips, min-probability=0]", SeaParameters.Default with { MinProbability = 0 } },
        { "best-of-n[sample-count=3]", new BestOfN.BestOfNParameters { SampleCount = 3 } },
        { "best-of-3", new BestOfN.BestOfNParameters { SampleCount = 3 } },
        { "best_of_3[reward_weight=2]", new BestOfN.BestOfNParameters { SampleCount = 3, RewardWeight = 2 } },
        { "args[greedy=false,temperature=0.5]", new ArgsParameters { Greedy = false, Temperature = 0.5 } },
        { "chunk_beam_search[temperature=0.5]", new ChunkBeamSearchParameters { SamplingTemperature = 0.5 } },
        { "chunk-beam-search[sampling-temperature=0.5]", new ChunkBeamSearchParameters { SamplingTemperature = 0.5 } },
        { "base[reward_weight=1e3]", new BaseParameters { RewardWeight = 1000 } },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_stands_for_parameters(string text, MethodParameters parameters)
    {
        MethodText method = MethodText.Parse(text);
        Assert.Equal(parameters, method.ToParameters());
        Assert.Equal(parameters, MethodText.Parse(method.ToString()).ToParameters());
    }

    [Fact]
    public void It_is_written_with_the_contracts_names_and_with_what_is_given_alone() =>
        Assert.Equal(
            "sea[preset=paper,step_size=0.5,noise=none]", MethodText.Parse("sea-paper[step-size=0.5,noise=SEA_NOISE_NONE]").ToString());

    [Theory]
    [InlineData("see", "There is no method see: use one of args, base, best_of_n, chunk_beam_search,")]
    [InlineData("best-of-0", "There is no method best-of-0")]
    [InlineData("best-of-4[samples=3]", "best_of_n has no parameter samples: did you mean sample_count?")]
    [InlineData("base-default", "There is no method base-default")]
    [InlineData("sea[stepsize=1]", "sea has no parameter stepsize: did you mean step_size? It has chains,")]
    [InlineData("sea[step-siez=1]", "did you mean step_size?")]
    [InlineData("sea[presets=paper]", "did you mean preset?")]
    [InlineData("base[preset=paper]", "base has no parameter preset")]
    [InlineData("sea[step_size]", "step_size does not set a parameter of sea: write key=value, with one of chains,")]
    [InlineData("sea[step_size=0]", "step_size must be a number, above 0 (0.000001 to 1000000), but is 0.")]
    [InlineData("sea[step_size=1e9]", "step_size must be a number, above 0 (0.000001 to 1000000), but is 1e9.")]
    [InlineData("sea[min_probability=1]", "min_probability must be a number, at least 0, below 1 (0 to 0.999999), but is 1.")]
    [InlineData("sea[chains=1.5]", "chains must be a whole number, at least 1, but is 1.5.")]
    [InlineData("sea[chains=99999999999]", "chains must be a whole number, at least 1, but is 99999999999.")]
    [InlineData("sea[reference=ful]", "reference must be one of full, detached, none, but is ful.")]
    [InlineData("sea-paper[preset=paper]", "The name before the brackets already selects a preset: omit preset=paper.")]
    public void What_does_not_fit_is_answered_with_what_does(string text, string said) =>
        Assert.Contains(said, Assert.Throws<ArgumentException>(() => MethodText.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("sea[step_size=1]", "step_size has an effect only with sampler=langevin, but sampler is gradient_flips.")]
    [InlineData("sea-paper[proposals=4]", "proposals has an effect only with sampler=gradient_flips, but sampler is langevin.")]
    [InlineData("args[temperature=1]", "temperature has an effect only with greedy=false, but greedy is true.")]
    [InlineData(
        "chunk_beam_search[rollouts=4]", "rollouts has an effect only with prefix_scoring=rollout, but prefix_scoring is eos_appended.")]
    public void A_parameter_without_effect_is_told(string text, string said) =>
        Assert.Equal(said, Assert.Throws<ArgumentException>(MethodText.Parse(text).ThrowIfWithoutEffect).Message);

    [Theory]
    [InlineData("sea[sampler=langevin,step_size=1]")]
    [InlineData("sea-paper[noise_scale=1]")]
    [InlineData("args[greedy=false,temperature=1]")]
    public void A_parameter_with_effect_is_taken(string text) => MethodText.Parse(text).ThrowIfWithoutEffect();

    [Theory]
    [InlineData("sea", "", "sea")]
    [InlineData("sea", "chains=1", "sea[chains=1]")]
    [InlineData("sea[chains=2]", "chains=1", "sea[chains=2,chains=1]")]
    public void Joining_adds_at_the_end(string method, string added, string joined) =>
        Assert.Equal(joined, MethodBrackets.Join(method, added));
}
