using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>What a page says of where its figures come from.</summary>
internal static class RunSetting
{
    /// <summary>This machine and the commit of this build.</summary>
    public static string Machine
    {
        get
        {
            RunningMachine machine = RunningMachine.Here();
            return $"{machine.Processor}, {machine.Cores} cores, {machine.System}, {machine.Runtime}. Commit {BuildCommit.Hash}.";
        }
    }

    /// <summary>The models that a server serves, and their number format.</summary>
    public static string Models(GetServerInfoResponse info, SidecarConnection connection)
    {
        string address = connection.Address.Text;
        return ModelLine.Of(info, address).Replace($" at {address}", $", {info.Dtype}", StringComparison.Ordinal);
    }
}
