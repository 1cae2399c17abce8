using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>A reader that keeps up is told of every iteration that it asks for.</summary>
public sealed class EveryIterationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_prompt_reader_gets_every_index_however_fast_iterations_come(int everyNth)
    {
        const int Iterations = 120;
        const int AtOnce = 12;
        using var runs = new GatedRuns { Iterations = Iterations };
        await using RunningServer server = await RunningServer.StartAsync(runs.Script);
        AlignmentSpec spec = Specs.Sea();
        spec.Updates = new UpdateOptions { EveryNIterations = everyNth };
        using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec });
        runs.Gate.Permit(); // The draft.
        List<int> indices = [];
        for (int done = 0; done < Iterations; done += AtOnce)
        {
            // As fast as the run can: the first of them are written while the others come.
            runs.Gate.Permit(AtOnce);
            while (indices.Count < (done + AtOnce) / everyNth && await call.ResponseStream.MoveNext(default))
            {
                if (call.ResponseStream.Current.Iteration is { } iteration)
                {
                    indices.Add(iteration.Index);
                }
            }
        }

        Assert.Equal(Enumerable.Range(1, Iterations / everyNth).Select(number => number * everyNth), indices);
        Assert.True(await call.ResponseStream.MoveNext(default));
        Assert.NotNull(call.ResponseStream.Current.Final);
    }

    [Fact]
    public async Task A_prompt_reader_gets_every_index_of_a_real_run()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        AlignmentSpec spec = Specs.Sea(iterations: 40, chains: 1);
        spec.Sea.Sampler = V1.SeaSampler.Langevin;

        List<StreamAlignResponse> events = await server.StreamAsync(spec);

        Assert.Equal(Enumerable.Range(1, 40), events.Where(next => next.Iteration is not null).Select(next => next.Iteration.Index));
        Assert.Equal(Enumerable.Range(0, events.Count).Select(number => (long)number), events.Select(next => next.Sequence));
    }
}
