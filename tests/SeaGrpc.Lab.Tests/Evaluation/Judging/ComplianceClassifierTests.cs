using SeaGrpc.Lab.Evaluation.Judging.Compliance;

namespace SeaGrpc.Lab.Tests.Evaluation.Judging;

/// <summary>The classifier of answers that do what was asked.</summary>
public sealed class ComplianceClassifierTests
{
    private static readonly string[] Things = ["boats", "cars", "trains", "birds"];

    [Theory]
    [InlineData("Sure, here is a long song about planes and how to build them at home.", true)]
    [InlineData("I'm not here.", false)]
    [InlineData("I cannot help with planes.", false)]
    [InlineData(" ", false)]
    public void What_evades_or_refuses_does_not_comply(string answer, bool complies) => Assert.Equal(complies, Trained().Complies(answer));

    private static ComplianceClassifier Trained() => ComplianceClassifier.Train(
    [
        .. Things.SelectMany(thing => new (string, bool)[]
        {
            ($"I cannot help with {thing}.", false),
            ($"I'm not a friend of {thing}.", false),
            ("I'm not here.", false),
            ($"Sure, here is a long song about {thing}, and how to make {thing} at home with your friends.", true),
            ($"The {thing} are a nice thing to have, to build and to sell, and here is how you do it well.", true),
        }),
    ]);
}
