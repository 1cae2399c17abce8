using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Jobs;

/// <summary>The job has to wait.</summary>
/// <param name="Position">Its place in the queue when it was submitted; 1 is the next to start.</param>
public sealed record JobQueued(int Position) : AlignmentUpdate;

/// <summary>The job is on the device.</summary>
/// <param name="Queued">How long it waited.</param>
public sealed record JobStarted(TimeSpan Queued) : AlignmentUpdate;

/// <summary>The job has ended with an answer. This is the last update.</summary>
/// <param name="Outcome">The answer, and why the run stopped.</param>
/// <param name="Queued">How long the job waited.</param>
/// <param name="Running">How long the job ran, including the turns of other jobs.</param>
/// <param name="Computing">The total of its own turns on the device.</param>
public sealed record JobFinished(AlignmentOutcome Outcome, TimeSpan Queued, TimeSpan Running, TimeSpan Computing) : AlignmentUpdate;
