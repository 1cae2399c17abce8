using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Services;

/// <summary>The models that a call uses.</summary>
internal static class PairCalls
{
    /// <summary>
    /// Begins to use the models of a pair. If they have to be loaded, the call waits until its queue timeout or deadline.
    /// </summary>
    /// <param name="models">All models.</param>
    /// <param name="name">The pair's name; empty for the default one.</param>
    /// <param name="field">The field of the request that names it.</param>
    /// <param name="call">The call.</param>
    /// <param name="queueTimeout">Its queue timeout, which is not checked yet; null for the server's.</param>
    /// <param name="limits">The operator's limits.</param>
    /// <returns>The use, to be disposed.</returns>
    /// <exception cref="Errors.UnknownModelException">There is no such pair.</exception>
    public static ValueTask<PairUse> UseAsync(
        this ModelHost models, string name, string field, ServerCallContext call, Duration? queueTimeout, LimitOptions limits)
    {
        ModelPair pair = models.Find(name, field);
        return PairUse.PinnedTo(call) is { } pinned && pinned.Name == pair.Name
            ? ValueTask.FromResult(pinned.Share())
            : models.UseAsync(pair, () => new PairPatience(
                Longest(queueTimeout, limits) ?? models.EngineOptions.QueueTimeout,
                call.Deadline == DateTime.MaxValue
                    ? null
                    : call.Deadline.ToUniversalTime() - DateTime.UtcNow - models.EngineOptions.DeadlineMargin,
                call.CancellationToken));
    }

    private static TimeSpan? Longest(Duration? asked, LimitOptions limits) => asked switch
    {
        null or { Seconds: < 0 } or { Nanos: < 0 or > 999_999_999 } => null, // Refused later, with the other errors of the request.
        { Seconds: var seconds } when seconds >= (long)limits.MaxQueueTimeout.TotalSeconds => limits.MaxQueueTimeout,
        _ => asked.ToTimeSpan(),
    };
}
