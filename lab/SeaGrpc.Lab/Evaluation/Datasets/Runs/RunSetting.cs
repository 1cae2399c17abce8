using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>What a page says of where its figures come from.</summary>
internal static class RunSetting
{
    /// <summary>Models, number format, data, machine and commit, in a sentence each.</summary>
    public static string Of(GetServerInfoResponse info, SidecarConnection connection, DatasetFile file)
    {
        RunningMachine machine = RunningMachine.Here();
        string address = connection.Address.Text;
        string models = ModelLine.Of(info, address).Replace($" at {address}", $", {info.Dtype}", StringComparison.Ordinal);
        return $"{models} "
            + $"{Path.GetFileName(file.Path)}. {machine.Processor}, {machine.System}, {machine.Runtime}. Commit {BuildCommit.Hash}.";
    }
}
