using SeaGrpc.Alignment;

namespace SeaGrpc.Testing.Runs;

/// <summary>
/// A run without models: <see cref="DecodeSteps"/> pieces that tell nothing, the draft, then <see cref="Iterations"/>
/// iterations. Iteration i has the energy -i. Checks that one thread drives it and that it is disposed once.
/// </summary>
public sealed class ScriptedRun : IAlignmentRun
{
    private const int Letters = 128; // Ids that any vocabulary of bytes has, however many iterations run.

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private int _advances;

    /// <summary>Pieces of work before the draft.</summary>
    public int DecodeSteps { get; init; }

    /// <summary>Iterations after the draft.</summary>
    public int Iterations { get; init; } = 3;

    /// <summary>Token positions that it says each piece of work has read.</summary>
    public long TokensPerAdvance { get; init; }

    /// <summary>What it says it spent; null for a forward pass a piece.</summary>
    public AlignmentCost? Cost { get; init; }

    /// <summary>Why it says it finished.</summary>
    public StopReason FinishReason { get; init; } = StopReason.Iterations;

    /// <summary>Called at the start of each piece of work with its number, from 1: waits, moves a clock or throws.</summary>
    public Action<int> OnAdvance { get; init; } = _ => { };

    /// <summary>Called when it is disposed.</summary>
    public Action<ScriptedRun> OnDispose { get; init; } = _ => { };

    /// <summary>Pieces of work done or begun.</summary>
    public int Advances => Volatile.Read(ref _advances);

    /// <summary>How often it was disposed.</summary>
    public int Disposals { get; private set; }

    /// <inheritdoc/>
    public bool IsFinished => IterationsRun >= Iterations;

    /// <inheritdoc/>
    public bool HasResponse => _advances > DecodeSteps;

    private int IterationsRun { get; set; }

    /// <summary>The response of an iteration; 0 is the draft.</summary>
    public static ScoredResponse Response(int iteration) => new([iteration % Letters], true, iteration, -1, -iteration);

    /// <inheritdoc/>
    public AlignmentUpdate? Advance()
    {
        ObjectDisposedException.ThrowIf(Disposals > 0, this);
        int number = Interlocked.Increment(ref _advances);
        OnAdvance(number);
        if (number <= DecodeSteps)
        {
            return null;
        }

        if (number == DecodeSteps + 1)
        {
            return new DraftUpdate([Snapshot(0)], Response(0));
        }

        IterationsRun++;
        return new IterationUpdate(IterationsRun, Iterations, [Snapshot(IterationsRun)], Response(IterationsRun));
    }

    /// <inheritdoc/>
    public AlignmentOutcome Complete(StopReason reason)
    {
        CheckUse();
        return HasResponse
            ? new(
                reason, Response(IterationsRun), Response(0), 0, IterationsRun, IterationsRun,
                Cost ?? new AlignmentCost(_advances, 0, _advances * TokensPerAdvance, 0))
            : throw new InvalidOperationException("There is no response yet.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CheckThread();
        Disposals++;
        OnDispose(this);
    }

    private static ChainSnapshot Snapshot(int iteration) => new() { Chain = 0, Response = Response(iteration) };

    private void CheckUse()
    {
        CheckThread();
        ObjectDisposedException.ThrowIf(Disposals > 0, this);
    }

    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("A run was used from a thread other than the one that made it.");
        }
    }
}
