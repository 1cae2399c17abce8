using SeaGrpc.Alignment;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.V1;
using PlainSea = SeaGrpc.Alignment.Sea.SeaParameters;

namespace SeaGrpc.Bench.Serving;

/// <summary>One job of <c>serve</c>, for the wire and for the engine alike: a prompt and a seed of its own, all else equal.</summary>
/// <param name="prompt">The prompt.</param>
/// <param name="seed">The seed.</param>
/// <param name="iterations">Iterations of the <c>langevin</c> preset; no plateau ends them. 0 is one sample of the policy, method <c>base</c>.</param>
/// <param name="responseTokens">Longest response.</param>
internal sealed class ServeJob(string prompt, ulong seed, int iterations, int responseTokens)
{
    private const int PromptSeed = 11;

    /// <summary>As many different jobs as asked for, always the same.</summary>
    public static ServeJob[] Make(int count, int iterations, int responseTokens)
    {
        string[] prompts = [.. SupportDesk.HeldOutPrompts(Math.Min(count, 32), PromptSeed).Select(prompt => prompt.Text)];
        return [.. Enumerable.Range(0, count).Select(index => new ServeJob(prompts[index % prompts.Length], (ulong)index + 1, iterations, responseTokens))];
    }

    /// <summary>For StreamAlign.</summary>
    public AlignmentSpec Spec()
    {
        var spec = new AlignmentSpec
        {
            Prompt = new Prompt { Chat = new Chat { Messages = { new V1.ChatMessage { Role = Role.User, Content = prompt } } } },
            Seed = seed,
            MaxResponseTokens = responseTokens,
        };
        if (iterations > 0)
        {
            spec.Sea = new V1.SeaParameters { Preset = SeaPreset.Langevin, Iterations = iterations, PlateauIterations = 0 };
        }
        else
        {
            spec.Base = new V1.BaseParameters();
        }

        return spec;
    }

    /// <summary>For the engine.</summary>
    public AlignmentTask Task(PromptEncoder prompts) => new()
    {
        Prompt = prompts.EncodeChat([new Modeling.Tokenization.ChatMessage("user", prompt)]),
        Method = iterations > 0 ? PlainSea.Langevin with { Iterations = iterations, PlateauIterations = 0 } : new Alignment.BaseParameters(),
        Seed = seed,
        MaxResponseTokens = responseTokens,
    };
}
