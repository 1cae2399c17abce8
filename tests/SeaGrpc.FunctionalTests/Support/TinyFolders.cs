using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>A policy's and a reward model's folder with tiny random checkpoints.</summary>
internal sealed class TinyFolders : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TinyFolders()
    {
        TinyCheckpoint.WritePolicy(Policy, seed: 1);
        TinyCheckpoint.WriteReward(Reward, seed: 2);
    }

    public string Policy => _folder.File("policy");

    public string Reward => _folder.File("reward");

    public string File(string name) => _folder.File(name);

    public void Dispose() => _folder.Dispose();
}
