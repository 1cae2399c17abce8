using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Modeling.Batching;
using SeaGrpc.Testing;
using TorchSharp;

namespace SeaGrpc.Alignment.Tests;

/// <summary>A piece of work that is given up at a pass, for a deadline or a cancellation, frees what it has made by then.</summary>
public sealed class GivenUpWorkTests : IDisposable
{
    private readonly AlignmentModels _models = TinyModels.Load(3);
    private readonly PassExchange _passes = new();
    private readonly JobLane _lane;

    public GivenUpWorkTests() => _lane = _passes.Open();

    public static TheoryData<MethodParameters> Methods =>
    [
        SeaParameters.Default with { Iterations = 1, DraftSamples = 2 },
        SeaParameters.Langevin with { Iterations = 1, Chains = 2 },
        SeaParameters.Paper with { Iterations = 1, Chains = 2 },
        new ArgsParameters { Candidates = 3 },
        new BestOfNParameters { SampleCount = 2 },
        new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 2, ChunkTokens = 2 },
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public void At_whatever_pass_that_is_no_tensor_is_left(MethodParameters method)
    {
        AlignmentTask task = Runs.Task(method, maxTokens: 5) with { ResponsePrefix = [40] };
        int all = Run(task, int.MaxValue);
        long before = Live();
        for (int pass = 0; pass < all; pass++)
        {
            Run(task, pass);
            Assert.Equal((pass, before), (pass, Live()));
        }
    }

    public void Dispose()
    {
        _passes.Close(_lane);
        _passes.Dispose();
        _models.Dispose();
    }

    /// <summary>Runs until a pass that is given up.</summary>
    /// <returns>Passes done.</returns>
    private int Run(AlignmentTask task, int until)
    {
        using IAlignmentRun run = _models.Start(task);
        for (int done = 0; ;)
        {
            _lane.Begin(() => run.Advance());
            for (; !_lane.IsIdle; done++)
            {
                if (done == until)
                {
                    _lane.Abandon(new TimeoutException());
                    Assert.Throws<TimeoutException>(_lane.ThrowIfFailed);
                    return done;
                }

                _passes.Exchange();
            }

            _lane.ThrowIfFailed();
            if (run.IsFinished)
            {
                return done;
            }
        }
    }

    /// <summary>Tensors of both threads, after a run that leaves the models' tables as it always does.</summary>
    private long Live()
    {
        Run(Runs.Task(new BaseParameters(), maxTokens: 1), int.MaxValue);
        long own = 0;
        _lane.Begin(() => own = DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        return own + DisposeScopeManager.Statistics.ThreadTotalLiveCount;
    }
}
