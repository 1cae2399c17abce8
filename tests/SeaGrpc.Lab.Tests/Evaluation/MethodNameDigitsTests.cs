using SeaGrpc.Lab.Evaluation;

namespace SeaGrpc.Lab.Tests.Evaluation;

public sealed class MethodNameDigitsTests
{
    [Theory]
    [InlineData("best-of-1٢")]
    [InlineData("args-k1٢")]
    [InlineData("cbs-4x4-1０")]
    [InlineData("sea-1２-chains")]
    public void Digits_of_other_scripts_make_no_method(string name) =>
        Assert.Contains("not known", Assert.Throws<ArgumentException>(() => MethodCatalog.Parse(name)).Message, StringComparison.Ordinal);
}
