using SeaGrpc.Lab.Evaluation.Judging.Mathematics;

namespace SeaGrpc.Lab.Tests.Evaluation.Judging;

public sealed class BoxedAnswerTests
{
    [Theory]
    [InlineData(@"\boxed{5}", "5")]
    [InlineData(@"first \boxed{1}, then $\boxed{\frac{\sqrt{2}}{3}}$.", @"\frac{\sqrt{2}}{3}")]
    [InlineData(@"\fbox{7}", "7")]
    [InlineData(@"so \boxed 5.", "5")]
    [InlineData(@"so \boxed 1,234.5 $", "1,234.5")]
    [InlineData(@"\boxed {x}", "x")]
    [InlineData(@"\boxed{\{1,2\}}", @"\{1,2\}")]
    [InlineData(@"\boxed{3} and then \boxed{4 is cut", "3")]
    [InlineData(@"\boxed{3} and \boxed{}", "3")]
    [InlineData("The answer is 12.", "12")]
    [InlineData("Final answer is: $x=2$\nThanks.", "$x=2$")]
    public void The_last_closed_box_counts(string solution, string expected) => Assert.Equal(expected, BoxedAnswer.Find(solution));

    [Theory]
    [InlineData("")]
    [InlineData("It is 5.")]
    [InlineData(@"\boxedness 5")]
    public void Without_a_box_there_is_no_answer(string solution) => Assert.Null(BoxedAnswer.Find(solution));
}
