using System.Text.Json;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>A request for completions, read as far as the API goes. What the contract checks is not checked yet.</summary>
internal sealed record CompletionRequest
{
    /// <summary>The whole request, for a backend that drafts come from.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>Whether it is a conversation.</summary>
    public required bool IsChat { get; init; }

    /// <summary>The model.</summary>
    public required ModelName Model { get; init; }

    /// <summary>The prompts; one of a conversation, one or several of /v1/completions.</summary>
    public required IReadOnlyList<Prompt> Prompts { get; init; }

    /// <summary>The rest of the spec, without prompt and seed.</summary>
    public required AlignmentSpec Spec { get; init; }

    /// <summary>Whether drafts come from the backend.</summary>
    public bool AsksUpstream { get; init; }

    /// <summary>Whether the answer is one of the backend's drafts.</summary>
    public bool Picks { get; init; }

    /// <summary>Answers to each prompt.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Seed of the first answer; each further one has the next.</summary>
    public required ulong? Seed { get; init; }

    /// <summary>Whether the caller chose the seed.</summary>
    public bool HasSeed { get; init; }

    /// <summary>Whether the reply is streamed.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>Whether a streamed reply ends with its usage.</summary>
    public bool TellsUsage { get; init; }

    /// <summary>Number of likeliest tokens told at each position; null for no log-probabilities.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>Whether the progress is told in chunks of its own.</summary>
    public bool TellsProgress { get; init; }

    /// <summary>How long the whole request may take; null for as long as it takes.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Number of drafts from the backend; null if the request does not say.</summary>
    public int? Drafts { get; init; }

    /// <summary>The names of the fields of the contract in this request.</summary>
    public required ParamNames Names { get; init; }

    /// <summary>Number of alignments.</summary>
    public int Answers => Prompts.Count * Choices;

    /// <summary>The spec of one answer.</summary>
    /// <param name="answer">Its place: all of the first prompt come first.</param>
    public AlignmentSpec SpecOf(int answer)
    {
        AlignmentSpec spec = Spec.Clone();
        spec.Prompt = Prompts[answer / Choices].Clone();
        if (Seed is { } seed)
        {
            spec.Seed = unchecked(seed + (ulong)answer);
        }

        return spec;
    }
}
