using System.Collections.Concurrent;
using SeaGrpc.Alignment;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>Runs that a case asks for by its seed, because no model fails or goes on for ever on demand.</summary>
internal sealed class ScriptedRuns
{
    private const int EndlessIterations = 1_000_000;
    private readonly ConcurrentDictionary<ulong, int> _live = new();

    /// <summary>The run of a task, or null for the models' own.</summary>
    public IAlignmentRun? Script(AlignmentTask task) => task.Seed switch
    {
        9001 => Failing(new NumericFailureException("The energy is NaN.")),
        9002 => Failing(new InsufficientMemoryException()),
        9003 => Failing(new FormatException("Nobody may read this.")),
        9004 => new ScriptedRun { DecodeSteps = EndlessIterations, OnAdvance = _ => Thread.Sleep(5) },
        9005 or 9105 or 9106 or 9107 => Endless(task.Seed),
        9007 => new ScriptedRun { Iterations = 60, OnAdvance = _ => Thread.Sleep(2) },
        _ => null,
    };

    /// <summary>Every run is an endless one.</summary>
    public IAlignmentRun? ScriptEndless(AlignmentTask task) => task.Seed == 0 ? null : Endless(task.Seed);

    /// <summary>Waits until no run of this seed is left.</summary>
    public async Task EndedAsync(ulong seed)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (_live.GetValueOrDefault(seed) > 0)
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private static ScriptedRun Failing(Exception failure) => new() { OnAdvance = _ => throw failure };

    private ScriptedRun Endless(ulong seed)
    {
        _live.AddOrUpdate(seed, 1, (_, count) => count + 1);
        return new ScriptedRun
        {
            Iterations = EndlessIterations,
            OnAdvance = _ => Thread.Sleep(5),
            OnDispose = _ => _live.AddOrUpdate(seed, 0, (_, count) => count - 1),
        };
    }
}
