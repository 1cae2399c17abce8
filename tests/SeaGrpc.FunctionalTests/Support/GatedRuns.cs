using SeaGrpc.Alignment;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>Scripted runs that pass one gate, and word of each run that was disposed.</summary>
internal sealed class GatedRuns : IDisposable
{
    private readonly SemaphoreSlim _disposed = new(0);

    public Gate Gate { get; } = new();

    public int Iterations { get; init; } = 1_000_000;

    public int DecodeSteps { get; init; }

    public IAlignmentRun Script(AlignmentTask task) => new ScriptedRun
    {
        Iterations = Iterations,
        DecodeSteps = DecodeSteps,
        OnAdvance = _ => Gate.Pass(),
        OnDispose = _ => _disposed.Release(),
    };

    /// <summary>Waits until one more run is disposed.</summary>
    public async Task DisposalAsync() => Assert.True(await _disposed.WaitAsync(TimeSpan.FromMinutes(5)), "No run was disposed.");

    public void Dispose()
    {
        Gate.Dispose();
        _disposed.Dispose();
    }
}
