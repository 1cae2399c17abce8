using SeaGrpc.Alignment;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Server.Mapping;
using SeaGrpc.V1;
using SeaParameters = SeaGrpc.Alignment.Sea.SeaParameters;

namespace SeaGrpc.Bench.Serving;

/// <summary>One job of <c>serve</c>, for the wire and for the engine alike: a prompt and a seed of its own, all else equal.</summary>
/// <param name="prompt">The prompt.</param>
/// <param name="seed">The seed.</param>
/// <param name="method">What runs. No plateau ends SEA, so that all jobs do the same work.</param>
/// <param name="responseTokens">Longest response.</param>
internal sealed class ServeJob(string prompt, ulong seed, MethodParameters method, int responseTokens)
{
    private const int PromptSeed = 11;

    /// <summary>As many different jobs as asked for, always the same.</summary>
    public static ServeJob[] Make(int count, MethodParameters method, int responseTokens)
    {
        MethodParameters endless = method is SeaParameters sea ? sea with { PlateauIterations = 0 } : method;
        string[] prompts = [.. SupportDesk.HeldOutPrompts(Math.Min(count, 32), PromptSeed).Select(prompt => prompt.Text)];
        return [.. Enumerable.Range(0, count)
            .Select(index => new ServeJob(prompts[index % prompts.Length], (ulong)index + 1, endless, responseTokens))];
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
        MethodMapper.Write(method, spec);
        return spec;
    }

    /// <summary>For the engine.</summary>
    public AlignmentTask Task(PromptEncoder prompts) => new()
    {
        Prompt = prompts.EncodeChat([new Modeling.Tokenization.ChatMessage("user", prompt)]),
        Method = method,
        Seed = seed,
        MaxResponseTokens = responseTokens,
    };
}
