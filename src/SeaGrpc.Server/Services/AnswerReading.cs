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
internal sealed class AnswerReading(ModelHost models)
{
    /// <summary>The figures of an answer's tokens for the contract; null if there is no time, no room or no answer for them.</summary>
    /// <param name="call">The call whose alignment has just ended.</param>
    /// <param name="task">The alignment.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="alternatives">Number of the likeliest tokens told at each position.</param>
    public async Task<TokenFigures?> FiguresAsync(
        ServerCallContext call, AlignmentTask task, V1.ScoredResponse response, int alternatives)
    {
        try
        {
            ReadTokens? read = await ReadAsync(call, task, response, alternatives, task.MixtureWeights);
            return read is null ? null : TokenTexts.Figures(models.Served.Tokenizer, response.TokenIds, read);
        }
        catch (Exception failure)
            when (failure is AlignmentDeadlineException or QueueFullException or QueueTimeoutException or EngineUnavailableException
                or JobTooLargeException or OutsideFailedException)
        {
            return null;
        }
    }

    /// <summary>Prepares a call whose answer will be read.</summary>
    public static void Prepare(ServerCallContext call) => call.UserState[typeof(Memory)] = new Memory();

    /// <summary>Keeps what is needed of an alignment, if its call was prepared.</summary>
    public static void Remember(AlignmentTask task, ServerCallContext call)
    {
        if (call.UserState.TryGetValue(typeof(Memory), out object? memory))
        {
            ((Memory)memory).Task = task;
        }
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="call">The prepared call whose alignment has just ended.</param>
    /// <param name="response">The answer.</param>
    /// <param name="alternatives">Number of the likeliest tokens told at each position.</param>
    /// <returns>One entry for each token of the answer; null if there is none.</returns>
    /// <exception cref="Serving.Errors.AlignmentDeadlineException">There is no time left.</exception>
    public Task<ReadTokens?> ReadAsync(ServerCallContext call, V1.ScoredResponse response, int alternatives)
    {
        AlignmentTask task = ((Memory)call.UserState[typeof(Memory)]).Task!;
        return ReadAsync(call, task, response, alternatives, gradientOf: null);
    }

    private async Task<ReadTokens?> ReadAsync(
        ServerCallContext call, AlignmentTask task, V1.ScoredResponse response, int alternatives, IReadOnlyList<double>? gradientOf)
    {
        if (response.TokenIds.Count == 0)
        {
            return null;
        }

        using JobSlot slot = models.Engine.Reserve(caller: CallerPass.Of(call).Identity);
        return await slot.SubmitReading(
            task.Prompt, [.. response.TokenIds], alternatives, task.Method.ReferenceTemperature, gradientOf,
            AlignmentCall.Limits(call), call.CancellationToken);
    }

    private sealed class Memory
    {
        public AlignmentTask? Task { get; set; }
    }
}
