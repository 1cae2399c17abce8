using System.Collections.Concurrent;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Inspection;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Models;

/// <summary>
/// What pairs need before they are loaded, from their files alone, and what they took when they were loaded before. Also finds most of what
/// is wrong with a folder, before anything is unloaded for it. Thread-safe.
/// </summary>
internal sealed class PairNeeds
{
    private readonly ConcurrentDictionary<string, (string Identity, long Bytes)> _known = [];

    /// <summary>Memory that a pair's weights take, in bytes; somewhat more than they do where their number format is not known.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="isChanged">Whether its files are read in any case.</param>
    /// <exception cref="PairUnavailableException">Its folders cannot be served; the message says why.</exception>
    public long Of(ModelPair pair, bool isChanged = false)
    {
        if (!isChanged && _known.TryGetValue(pair.Name, out (string Identity, long Bytes) known) && known.Identity == pair.Identity)
        {
            return known.Bytes;
        }

        LibTorch.EnsureLoaded();
        var problems = new List<string>();
        long bytes = Folders(pair.Options).Sum(folder => Bytes(folder.Path, folder.Dtype, problems));
        return problems.Count == 0
            ? bytes
            : throw new PairUnavailableException(pair.Name, string.Join(" ", problems), isSettings: true, TimeSpan.Zero);
    }

    /// <summary>Remembers what a pair has taken.</summary>
    public void Note(ModelPair pair, LoadedPair loaded) => _known[pair.Name] = (loaded.Identity, loaded.WeightBytes);

    private static IEnumerable<(string Path, ModelDtype Dtype)> Folders(ModelOptions options)
    {
        if (options.Engine is null)
        {
            yield return (options.Policy, options.Dtype);
        }

        if (options.Rewards.Count == 0)
        {
            yield return (options.Reward, options.RewardDtype ?? options.Dtype);
        }

        foreach (RewardOptions reward in options.Rewards.Values)
        {
            foreach (string folder in new[] { reward.Folder, reward.Basis }.OfType<string>())
            {
                yield return (folder, reward.Dtype ?? options.Dtype);
            }
        }
    }

    private static long Bytes(string folder, ModelDtype dtype, List<string> problems)
    {
        CheckpointInspection found = CheckpointInspection.Of(folder);
        problems.AddRange(found.Problems);
        long weights = found.ParameterCount ?? 0;

        // Auto never widens weights of 16 bits on a GPU, and on a CPU only where it must.
        return dtype == ModelDtype.Float32 ? weights * sizeof(float)
            : dtype == ModelDtype.BFloat16 ? weights * sizeof(float) / 2
            : weights < ComputeThreads.ManyWeights ? weights * sizeof(float)
            : Math.Min(weights * sizeof(float), found.BytesByDtype.Values.Sum());
    }
}
