using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using static TorchSharp.torch;

namespace SeaGrpc.Bench.Iterations;

/// <summary>A prompt and drafts of random legal tokens, of exact lengths: time and memory do not depend on what tokens say.</summary>
internal sealed class RandomStart
{
    private readonly int[] _legal;
    private readonly Random _random;
    private readonly int _eos;

    public RandomStart(AlignmentModels models, ulong seed)
    {
        _eos = models.Prompts.EosId;
        using Tensor mask = models.LegalTokens.cpu();
        _legal =
        [
            .. mask.data<float>()
                .Select((value, id) => (value, id))
                .Where(token => token.value == 0 && token.id != _eos)
                .Select(token => token.id),
        ];
        _random = new Random(unchecked((int)(seed ^ (seed >> 32))));
    }

    /// <summary>The same ids for both models; the reward model's suffix is the EOS.</summary>
    public EncodedPrompt Prompt(int tokens)
    {
        int[] ids = Tokens(tokens);
        return new EncodedPrompt(ids, [new RewardPrompt(ids, [_eos])]);
    }

    /// <summary>Drafts that all end with EOS at their last position.</summary>
    public HardResponses Drafts(int rows, int positions) => HardResponses.FromRagged(
        [.. Enumerable.Range(0, rows).Select(_ => (IReadOnlyList<int>)Tokens(positions - 1))], _eos, id => id == _eos, _ => true);

    /// <summary>Random ids that are no EOS.</summary>
    public int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _legal[_random.Next(_legal.Length)])];
}
