using SeaGrpc.Lab.Evaluation.Embedded.Studies;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Tests.Evaluation.Embedded;

public sealed class BadStartTests
{
    private static readonly string[] BadWords = ["amused", "careless", "someday", "expensive", "public", "ignore", "never", "nothing"];
    private static readonly WorldPrompt Prompt = SupportDesk.HeldOutPrompts(1, 2)[0];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void It_ends_with_the_nth_bad_word(int count)
    {
        string start = BadStart.Of(Prompt, count, seed: 5);
        string[] bad = [.. start.Split(' ').Select(word => word.TrimEnd('.')).Where(BadWords.Contains)];
        Assert.Equal(BadWords[..count], bad);
        Assert.True(count == 0 || start.EndsWith(BadWords[count - 1], StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_the_start_of_an_all_bad_answer() =>
        Assert.StartsWith(BadStart.Of(Prompt, 7, seed: 5), new SupportDeskWorld().WorstAnswer(Prompt, 5), StringComparison.Ordinal);
}
