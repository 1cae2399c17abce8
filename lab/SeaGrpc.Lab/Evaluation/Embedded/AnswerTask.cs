using System.Security.Cryptography;
using System.Text;
using SeaGrpc.Alignment;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>One answer to make: a method, a prompt, a seed.</summary>
/// <param name="Method">The method's name in reports.</param>
/// <param name="Parameters">What runs.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="PromptIndex">Its place among the prompts.</param>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Start">Text that is forced in front of the answer; may be empty.</param>
/// <param name="StartOpen">Whether the method may change that text.</param>
internal sealed record AnswerTask(
    string Method, MethodParameters Parameters, WorldPrompt Prompt, int PromptIndex, ulong Seed, string Start = "", bool StartOpen = false)
{
    /// <summary>The caller's draft; empty for none.</summary>
    public string Draft { get; init; } = "";

    /// <summary>
    /// How an answer's tokens are counted. It changes with the counting, so that figures of two kinds never appear in one table.
    /// </summary>
    public const string Counting = "positions forward and back of what the method needs, none of what only reports need";

    /// <summary>Identifies everything that determines the answer, so that a finished one can be found.</summary>
    /// <param name="models">The models' hashes.</param>
    public string Key(string models)
    {
        // A record's text contains all of its values, so equal text means an equal run.
        string text = string.Join('\n', Counting, models, Parameters.GetType().Name, Parameters, Prompt.Text, Seed, Start, StartOpen);
        text = Draft.Length == 0 ? text : $"{text}\n{Draft}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..24];
    }
}
