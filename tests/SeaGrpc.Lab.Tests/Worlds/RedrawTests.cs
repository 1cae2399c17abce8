using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Tests.Worlds;

public sealed class RedrawTests
{
    [Fact]
    public void The_first_draw_that_fits_counts()
    {
        var drawn = 0;
        Assert.Equal(7, Redraw.Until(() => ++drawn, number => number >= 7));
        Assert.Equal(7, drawn);
    }

    [Fact]
    public void Draws_of_which_none_can_fit_end() =>
        Assert.Throws<InvalidOperationException>(() => Redraw.Until(() => 1, number => number > 1));
}
