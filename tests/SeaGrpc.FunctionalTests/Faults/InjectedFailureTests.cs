using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>One job fails at each of its steps while another runs on.</summary>
public sealed class InjectedFailureTests
{
    private const ulong FailingSeed = 1234;

    [Theory]
    [InlineData(true, StatusCode.Internal, "NUMERIC_FAILURE")]
    [InlineData(false, StatusCode.Internal, "UNEXPECTED")]
    public async Task A_failure_at_any_step_fails_its_own_job_alone(bool numeric, StatusCode code, string reason)
    {
        int failAt = 1;
        await using RunningServer server = await RunningServer.ListenAsync(
            null,
            loaded =>
                new ScriptedBackend(loaded, task => task.Seed == FailingSeed ? new FailingRun(loaded.Start(task), failAt, numeric) : null));
        await server.ReadyAsync();
        double alone = (await server.AlignAsync(Specs.Sea(iterations: 8))).Final.Response.Energy;
        AlignmentSpec failing = Specs.Sea();
        failing.Seed = FailingSeed;
        for (; failAt <= 12; failAt++)
        {
            Task<AlignResponse> neighbour = server.AlignAsync(Specs.Sea(iterations: 8));
            (await Failures.OfAsync(() => server.AlignAsync(failing))).AssertIs(code, reason);
            Assert.Equal(alone, (await neighbour).Final.Response.Energy);
            await server.IdleAsync();
        }
    }

    private sealed class FailingRun(IAlignmentRun run, int failAt, bool numeric) : IAlignmentRun
    {
        private int _steps;

        public bool IsFinished => run.IsFinished;

        public Alignment.StopReason FinishReason => run.FinishReason;

        public bool HasResponse => run.HasResponse;

        public AlignmentUpdate? Advance()
        {
            if (++_steps == failAt)
            {
                throw numeric ? new NumericFailureException("The energy is not finite.") : new InvalidOperationException("injected");
            }

            return run.Advance();
        }

        public AlignmentOutcome Complete(Alignment.StopReason reason) => run.Complete(reason);

        public void Dispose() => run.Dispose();
    }
}
