using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Security;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Services;

/// <summary>
/// Has the policy read the answer of an alignment once more, for callers that ask for the log-probabilities of its tokens. Waits in the
/// queue like any other job.
/// </summary>
internal static class AnswerReading
{
    /// <summary>Prepares a call whose answer will be read. What it keeps is given back by <see cref="Forget"/>.</summary>
    public static void Prepare(ServerCallContext call) => call.UserState[typeof(Memory)] = new Memory();

    /// <summary>Keeps what is needed of an alignment, if its call was prepared.</summary>
    public static void Remember(AlignmentTask task, PairUse pair, ServerCallContext call)
    {
        if (Of(call) is { } memory)
        {
            memory.Task = task;
            memory.Pair?.Dispose();
            memory.Pair = pair.Share();
        }
    }

    /// <summary>The models that an alignment ran on, if its call was prepared and it has started.</summary>
    public static ServedModels? ServedOf(ServerCallContext call) => Of(call)?.Pair?.Served;

    /// <summary>Ends the use of the models that were kept.</summary>
    public static void Forget(ServerCallContext call) => Of(call)?.Pair?.Dispose();

    /// <summary>Reads an answer.</summary>
    /// <param name="call">The prepared call whose alignment has just ended.</param>
    /// <param name="response">The answer.</param>
    /// <param name="alternatives">Number of the likeliest tokens told at each position.</param>
    /// <returns>One entry for each token of the answer; null if there is none.</returns>
    /// <exception cref="Serving.Errors.AlignmentDeadlineException">There is no time left.</exception>
    public static async Task<ReadTokens?> ReadAsync(ServerCallContext call, V1.ScoredResponse response, int alternatives)
    {
        Memory memory = Of(call)!;
        AlignmentTask task = memory.Task!;
        if (response.TokenIds.Count == 0)
        {
            return null;
        }

        using JobSlot slot = memory.Pair!.Engine.Reserve(caller: CallerPass.Of(call).Identity);
        return await slot.SubmitReading(
            task.Prompt, [.. response.TokenIds], alternatives, task.Method.ReferenceTemperature, AlignmentCall.Limits(call),
            call.CancellationToken);
    }

    private static Memory? Of(ServerCallContext call) =>
        call.UserState.TryGetValue(typeof(Memory), out object? memory) ? (Memory)memory : null;

    private sealed class Memory
    {
        public AlignmentTask? Task { get; set; }

        public PairUse? Pair { get; set; }
    }
}
