using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.FunctionalTests;

public sealed class FailureTests
{
    [Fact]
    public async Task A_non_finite_energy_is_internal_and_the_next_call_is_answered()
    {
        bool fails = true;
        await using RunningServer server = await RunningServer.StartAsync(
            _ => fails ? Failing(new NumericFailureException("The energy is NaN.")) : null);

        (await Failures.OfAsync(() => server.AlignAsync(Specs.Sea()))).AssertIs(StatusCode.Internal, "NUMERIC_FAILURE");

        fails = false;
        Assert.NotNull((await server.AlignAsync(Specs.Sea())).Final);
    }

    [Fact]
    public async Task An_unexpected_failure_tells_nothing_of_the_inside()
    {
        await using RunningServer server = await RunningServer.StartAsync(_ => Failing(new FormatException("secret")));
        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(Specs.Sea()));
        failure.AssertIs(StatusCode.Internal, "UNEXPECTED");
        Assert.DoesNotContain("secret", failure.ToString());
    }

    [Fact]
    public async Task A_device_without_memory_is_resource_exhausted()
    {
        await using RunningServer server = await RunningServer.StartAsync(_ => Failing(new InsufficientMemoryException()));
        (await Failures.OfAsync(() => server.AlignAsync(Specs.Sea()))).AssertIs(StatusCode.ResourceExhausted, "DEVICE_MEMORY");
    }

    private static ScriptedRun Failing(Exception failure) => new() { OnAdvance = _ => throw failure };
}
