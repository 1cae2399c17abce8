using SeaGrpc.Evaluation.Judging.Numbers;

namespace SeaGrpc.Evaluation.Tests.Judging;

public sealed class FinalNumberTests
{
    [Theory]
    [InlineData("So 3 + 4 = 7.\n#### 7", "7")]
    [InlineData("#### 1,234,000", "1234000")]
    [InlineData("#### $18.00", "18")]
    [InlineData("#### -$5", "-5")]
    [InlineData("#### $-5", "-5")]
    [InlineData("#### −3", "-3")]
    [InlineData("#### 25%", "25")]
    [InlineData("#### 18 dollars.", "18")]
    [InlineData("#### 3/4", "0.75")]
    [InlineData("#### 2 1/2", "2.5")]
    [InlineData(@"#### \frac{3}{4}", "0.75")]
    [InlineData("#### 1\n\nWait.\n#### 2", "2")]
    [InlineData("#### .5", "1/2")]
    [InlineData("She has 12 apples and gives 5 away, so 7 are left.", "7")]
    [InlineData("The cost is $1,250.50.", "1250.5")]
    [InlineData("16-3", "3")]
    [InlineData("It drops to -4 degrees", "-4")]
    [InlineData(@"So it is \boxed{42} because of 7.", "42")]
    public void The_final_number_is_found_and_read(string answer, string reference) =>
        Assert.True(FinalNumber.AreEqual(reference, FinalNumber.Find(answer)!), FinalNumber.Find(answer));

    [Theory]
    [InlineData("#### 7", "8")]
    [InlineData("#### 7", "-7")]
    [InlineData("#### 1,234", "1")]
    [InlineData("#### 0.333", "1/3")]
    [InlineData("#### 10000000000000001", "10000000000000000")]
    [InlineData("7 apples, no 8", "7")]
    public void Another_number_is_another_number(string answer, string reference) =>
        Assert.False(FinalNumber.AreEqual(reference, FinalNumber.Find(answer)!));

    [Theory]
    [InlineData("")]
    [InlineData("I do not know.")]
    [InlineData("#### nothing")]
    [InlineData("x1")]
    [InlineData("1/0")]
    public void A_text_without_a_number_has_none(string answer) => Assert.Null(FinalNumber.Find(answer));
}
