using SeaGrpc.Alignment;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.Sea;

namespace SeaGrpc.Evaluation.Tests;

public sealed class MethodCatalogTests
{
    [Fact]
    public void Names_stand_for_parameters()
    {
        Assert.IsType<BaseParameters>(MethodCatalog.Parse("base"));
        Assert.Equal(64, Assert.IsType<BestOfNParameters>(MethodCatalog.Parse("best-of-64")).SampleCount);
        Assert.Same(SeaParameters.Paper, MethodCatalog.Parse("sea-paper"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("best-of-0")]
    [InlineData("best-of-many")]
    public void An_unknown_name_is_answered_with_the_known_ones(string name) =>
        Assert.Contains(MethodCatalog.Names, Assert.Throws<ArgumentException>(() => MethodCatalog.Parse(name)).Message, StringComparison.Ordinal);
}
