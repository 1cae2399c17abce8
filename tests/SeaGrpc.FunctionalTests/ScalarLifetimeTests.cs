using SeaGrpc.Alignment;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.FunctionalTests;

/// <summary>No number that libtorch reads is left to the collector (docs/decisions/0005).</summary>
public sealed class ScalarLifetimeTests
{
    private static readonly ScalarCalls Scalars = ScalarCalls.Of(typeof(Tensor).Assembly.Location);

    private static readonly string[] Holders = [nameof(TensorArithmetic), nameof(TensorUpdates), nameof(TensorFilling)];

    [Theory]
    [InlineData(typeof(TensorArithmetic))]
    [InlineData(typeof(AlignmentModels))]
    public void Numbers_become_scalars_where_they_are_held_only(Type inAssembly)
    {
        var calls = Scalars.In(inAssembly.Assembly.Location);
        Assert.DoesNotContain(calls, call => !Holders.Contains(call.Type) || !IsConversion(call.Call));
    }

    [Fact]
    public void A_number_is_seen_wherever_it_becomes_a_scalar()
    {
        var calls = Scalars.In(typeof(ScalarLifetimeTests).Assembly.Location).Where(call => call.Method == nameof(Left)).ToArray();
        Assert.Equal(
            ["op_Implicit", "op_Addition", "op_Multiply", "square", "softplus"],
            calls.Select(call => call.Call.Split("::")[1].Split('(')[0]));
    }

#pragma warning disable RS0030 // What the test looks for.
    private static Tensor Left(Tensor tensor)
    {
        tensor.mul_(0.5);
        tensor += tensor;
        tensor *= 2;
        return nn.functional.softplus(tensor.square());
    }
#pragma warning restore RS0030

    // A holder itself may make a scalar, but not call what makes one inside.
    private static bool IsConversion(string call) =>
        call.Contains("TorchSharp.ScalarExtensionMethods::ToScalar(", StringComparison.Ordinal);
}
