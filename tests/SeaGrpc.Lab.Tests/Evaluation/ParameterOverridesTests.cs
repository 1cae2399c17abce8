using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Lab.Evaluation;

namespace SeaGrpc.Lab.Tests.Evaluation;

public sealed class ParameterOverridesTests
{
    [Fact]
    public void Brackets_change_parameters_and_leave_the_rest()
    {
        var sea = Assert.IsType<SeaParameters>(MethodCatalog.Parse("sea[chains=2, reward-weight=2.5,keep-best=false,noise=langevin]"));
        Assert.Equal(SeaParameters.Default with { Chains = 2, RewardWeight = 2.5, KeepBest = false, Noise = SeaNoise.Langevin }, sea);
    }

    [Fact]
    public void A_preset_stays_as_it_is()
    {
        MethodCatalog.Parse("sea-paper[chains=1]");
        Assert.Equal(4, SeaParameters.Paper.Chains);
    }

    [Fact]
    public void Inherited_parameters_can_be_set() =>
        Assert.Equal(0.7, Assert.IsType<BestOfNParameters>(MethodCatalog.Parse("best-of-4[sampling-temperature=0.7]")).SamplingTemperature);

    [Fact]
    public void Nothing_in_brackets_changes_nothing() => Assert.Equal(SeaParameters.Default, MethodCatalog.Parse("sea[]"));

    [Theory]
    [InlineData("sea[chians=2]", "with one of chains,")]
    [InlineData("sea[chains]", "with one of chains,")]
    [InlineData("sea[chains=two]", "chains is a whole number")]
    [InlineData("sea[chains=-1]", "chains is a whole number")]
    [InlineData("sea[step-size=NaN]", "step-size is a finite number")]
    [InlineData("sea[keep-best=yes]", "keep-best is true or false")]
    [InlineData("sea[noise=loud]", "none, paper, langevin, annealed")]
    [InlineData("sea[noise=1]", "none, paper, langevin, annealed")]
    [InlineData("sea[chains=2", "closing bracket")]
    [InlineData("tea[chains=2]", MethodCatalog.Names)]
    public void What_does_not_fit_is_answered_with_what_does(string name, string said) =>
        Assert.Contains(said, Assert.Throws<ArgumentException>(() => MethodCatalog.Parse(name)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("sea", "", "sea")]
    [InlineData("sea", "chains=1", "sea[chains=1]")]
    [InlineData("sea[chains=2]", "chains=1", "sea[chains=2,chains=1]")]
    public void Joining_adds_at_the_end(string method, string added, string joined) =>
        Assert.Equal(joined, ParameterOverrides.Join(method, added));

    [Fact]
    public void The_later_value_of_a_key_counts() =>
        Assert.Equal(1, Assert.IsType<SeaParameters>(MethodCatalog.Parse("sea[chains=2,chains=1]")).Chains);
}
