using System.Runtime.InteropServices;

namespace SeaGrpc.Alignment;

/// <summary>The rewards of candidates that a run has read, so that none is read again for its score. Not thread-safe.</summary>
internal sealed class KnownRewards
{
    private readonly Dictionary<string, float> _rewards = [];

    /// <summary>A candidate's name: its tokens, and whether it is scored as a whole response.</summary>
    /// <param name="tokens">Its ids, without EOS.</param>
    /// <param name="suffixed">Whether it is scored as a whole response.</param>
    public static string Name(ReadOnlySpan<int> tokens, bool suffixed)
    {
        int[] all = [.. tokens, suffixed ? 1 : 0];
        return new string(MemoryMarshal.Cast<int, char>(all));
    }

    /// <summary>A candidate's reward; null if it has not been read.</summary>
    public float? Of(string name) => _rewards.TryGetValue(name, out float reward) ? reward : null;

    /// <summary>Takes note of a candidate's reward.</summary>
    public void Note(string name, float reward) => _rewards[name] = reward;
}
