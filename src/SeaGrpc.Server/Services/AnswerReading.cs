using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Mapping;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Security;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Services;

/// <summary>
/// Has the models read the answer of an alignment once more, for callers that ask for figures of its tokens. Waits in the queue like any
/// other job.
/// </summary>
internal static class AnswerReading
{
    /// <summary>The figures of an answer's tokens for the contract; null if there is no time, no room or no answer for them.</summary>
    /// <param name="call">The call whose alignment has just ended.</param>
    /// <param name="pair">The models that it ran on.</param>
    /// <param name="task">The alignment.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="alternatives">Number of the likeliest tokens told at each position.</param>
    public static async Task<TokenFigures?> FiguresAsync(
        ServerCallContext call, PairUse pair, AlignmentTask task, V1.ScoredResponse response, int alternatives)
    {
        try
        {
            ReadTokens? read = await ReadAsync(call, pair, task, response, alternatives, task.MixtureWeights);
            return read is null ? null : TokenTexts.Figures(pair.Served.Tokenizer, response.TokenIds, read);
        }
        catch (Exception failure)
            when (failure is AlignmentDeadlineException or QueueFullException or QueueTimeoutException or EngineUnavailableException
                or JobTooLargeException or OutsideFailedException)
        {
            return null;
        }
    }

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
    public static Task<ReadTokens?> ReadAsync(ServerCallContext call, V1.ScoredResponse response, int alternatives)
    {
        Memory memory = Of(call)!;
        return ReadAsync(call, memory.Pair!, memory.Task!, response, alternatives, gradientOf: null);
    }

    private static async Task<ReadTokens?> ReadAsync(
        ServerCallContext call, PairUse pair, AlignmentTask task, V1.ScoredResponse response, int alternatives,
        IReadOnlyList<double>? gradientOf)
    {
        if (response.TokenIds.Count == 0)
        {
            return null;
        }

        using JobSlot slot = pair.Engine.Reserve(caller: CallerPass.Of(call).Identity);
        return await slot.SubmitReading(
            task.Prompt, [.. response.TokenIds], alternatives, task.Method.ReferenceTemperature, gradientOf,
            AlignmentCall.Limits(call), call.CancellationToken);
    }

    private static Memory? Of(ServerCallContext call) =>
        call.UserState.TryGetValue(typeof(Memory), out object? memory) ? (Memory)memory : null;

    private sealed class Memory
    {
        public AlignmentTask? Task { get; set; }

        public PairUse? Pair { get; set; }
    }
}
