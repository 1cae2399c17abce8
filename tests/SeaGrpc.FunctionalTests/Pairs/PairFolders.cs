using System.Diagnostics;
using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests.Pairs;

/// <summary>Folders of policies and reward models, and the settings of pairs of them.</summary>
internal sealed class PairFolders : IDisposable
{
    /// <summary>A policy and a reward model of this shape have weights of about 4 MiB together.</summary>
    public static readonly TinyShape Large = new(Hidden: 128, HeadSize: 64, FeedForward: 512);

    private readonly TemporaryFolder _folder = new();

    public string Path(string name) => _folder.File(name);

    /// <summary>Writes a policy under a name.</summary>
    public string Policy(string name, ulong seed, TinyShape? shape = null)
    {
        TinyCheckpoint.WritePolicy(Path(name), seed, shape);
        return Path(name);
    }

    /// <summary>Writes a pair, and returns its settings.</summary>
    public string[] Pair(string name, ulong seed, TinyShape? shape = null, bool atStart = false)
    {
        TinyCheckpoint.WriteReward(Path($"{name}-reward"), seed + 1, shape);
        return Settings(name, Policy($"{name}-policy", seed, shape), atStart);
    }

    /// <summary>The settings of a pair with a policy of its own and the reward model of <see cref="Pair"/>.</summary>
    public string[] Settings(string name, string policy, bool atStart = false) =>
    [
        $"Models:Pairs:{name}:Policy={policy}",
        $"Models:Pairs:{name}:Reward={Path($"{name}-reward")}",
        .. atStart ? (string[])[$"Models:Pairs:{name}:Load=Start"] : [],
    ];

    /// <summary>Makes a link lead elsewhere, in one step as tools do that deploy models.</summary>
    public string Link(string name, string target)
    {
        string next = Path($"{name}.next");
        Directory.CreateSymbolicLink(next, target);
        using Process move = Process.Start("mv", ["-T", next, Path(name)]); // .NET moves no links to folders.
        move.WaitForExit();
        Assert.Equal(0, move.ExitCode);
        return Path(name);
    }

    public void Dispose() => _folder.Dispose();
}
