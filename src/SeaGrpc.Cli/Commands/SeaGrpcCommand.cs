using System.CommandLine;
using SeaGrpc.Cli.Calibration;
using SeaGrpc.Cli.Hub;
using SeaGrpc.Cli.Inspection;
using SeaGrpc.Cli.Replay;
using SeaGrpc.Cli.Serve;
using SeaGrpc.Cli.Tokenize;

namespace SeaGrpc.Cli.Commands;

/// <summary>The whole command line of the product.</summary>
internal static class SeaGrpcCommand
{
    /// <summary>The root, with every command.</summary>
    public static RootCommand Create() => new("Aligns a language model's answers with a reward model while they are generated.")
    {
        DemoCommand.Create(),
        AlignCommand.Create(),
        ServeCommand.Create(),
        PullCommand.Create(),
        CalibrateCommand.Create(),
        InspectCommand.Create(),
        TokenizeCommand.Create(),
        LoadCommand.Create(),
        ReplayCommand.Create(),
        CallersCommand.Create(),
    };
}
