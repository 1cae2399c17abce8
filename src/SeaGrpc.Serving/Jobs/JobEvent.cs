using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Jobs;

/// <summary>
/// What a job has to tell, in this order: <see cref="JobQueued"/>?, <see cref="JobStarted"/>, <see cref="JobDraft"/>,
/// <see cref="JobIteration"/>*, <see cref="JobFinished"/>. A failure is the reader's exception instead.
/// </summary>
public abstract record JobEvent;

/// <summary>The job has to wait.</summary>
/// <param name="Position">Its place in the queue when it was submitted; 1 is the next to start.</param>
public sealed record JobQueued(int Position) : JobEvent;

/// <summary>The job is on the device.</summary>
/// <param name="Queued">How long it waited.</param>
public sealed record JobStarted(TimeSpan Queued) : JobEvent;

/// <summary>The drafts are there.</summary>
/// <param name="Update">The run's own words.</param>
public sealed record JobDraft(DraftUpdate Update) : JobEvent;

/// <summary>An iteration has run. Where the reader falls behind, those that wait are replaced by the newest.</summary>
/// <param name="Update">The run's own words.</param>
public sealed record JobIteration(IterationUpdate Update) : JobEvent;

/// <summary>The job has ended with an answer; the last event.</summary>
/// <param name="Outcome">The answer, and why the run stopped.</param>
/// <param name="Queued">How long the job waited.</param>
/// <param name="Running">How long it ran, turns of other jobs included.</param>
/// <param name="Computing">The sum of its own turns on the device.</param>
public sealed record JobFinished(AlignmentOutcome Outcome, TimeSpan Queued, TimeSpan Running, TimeSpan Computing) : JobEvent;
