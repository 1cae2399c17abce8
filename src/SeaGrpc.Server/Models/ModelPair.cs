using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Models;

/// <summary>
/// A pair of a policy and its rewards that requests may name, loaded or not. Its state belongs to <see cref="ModelHost"/>.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="options">Its settings, as those of a server that serves it alone.</param>
internal sealed class ModelPair(string name, ModelOptions options)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Its settings, as those of a server that serves it alone.</summary>
    public ModelOptions Options => options;

    /// <summary>Whether it is loaded at the start, and stays loaded.</summary>
    public bool LoadsAtStart => !options.IsOnDemand;

    /// <summary>What its folders are like now (<see cref="FolderIdentity"/>).</summary>
    public string Identity => FolderIdentity.Of(options.Sources);

    /// <summary>What new calls use; null if it is not loaded.</summary>
    public volatile LoadedPair? Current;

    /// <summary>What is being loaded and not yet used; null if nothing is.</summary>
    public volatile LoadedPair? Coming;

    /// <summary>What was loaded last, for descriptions; null if nothing ever was.</summary>
    public volatile ServedModels? LastServed;

    /// <summary>Most memory of its running jobs when it was loaded last, in bytes.</summary>
    public long LastMemoryBudget { get; set; }

    /// <summary>The load that calls wait for; null if there is none.</summary>
    public Task? Loading { get; set; }

    /// <summary>Calls that wait for it.</summary>
    public int Waiting { get; set; }

    /// <summary>Why it could not be loaded the last time; null if it could.</summary>
    public PairUnavailableException? Failure { get; set; }

    /// <summary>How often in succession it could not be loaded.</summary>
    public int Failures { get; set; }

    /// <summary>When it is tried again after <see cref="Failure"/>.</summary>
    public DateTimeOffset RetryAt { get; set; }

    /// <summary>Reloads come one after the other.</summary>
    public SemaphoreSlim ReloadTurn { get; } = new(1);
}

/// <summary>What a pair is doing.</summary>
internal enum ModelPairState
{
    /// <summary>Its calls are served.</summary>
    Loaded,

    /// <summary>It is being loaded.</summary>
    Loading,

    /// <summary>It is not loaded.</summary>
    NotLoaded,

    /// <summary>It could not be loaded.</summary>
    Failed,
}

/// <summary>A pair as GetServerInfo tells of it.</summary>
/// <param name="Pair">The pair.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Problem">Why it could not be loaded the last time; null if it could.</param>
/// <param name="Served">Its models as they were loaded last; null if they never were.</param>
/// <param name="WeightBytes">What its weights take; 0 if it is not loaded.</param>
internal sealed record ModelPairView(ModelPair Pair, ModelPairState State, string? Problem, ServedModels? Served, long WeightBytes);

/// <summary>How long a call waits for a pair that is being loaded.</summary>
/// <param name="Queue">Its queue timeout.</param>
/// <param name="Left">Time until its answer must be under way; null if it has no deadline.</param>
/// <param name="Cancellation">The caller has gone.</param>
internal sealed record PairPatience(TimeSpan Queue, TimeSpan? Left, CancellationToken Cancellation);
