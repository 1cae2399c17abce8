using System.CommandLine;

namespace SeaGrpc.Lab.Commands;

/// <summary>The whole command line of the lab.</summary>
internal static class LabCommand
{
    /// <summary>The root, with every command.</summary>
    public static RootCommand Create() => new("Evaluates alignment methods, tunes them, and trains the embedded models and reward models.")
    {
        EvalCommand.Create(),
        TuneCommand.Create(),
        TrainCommand.Create(),
        TrainRewardCommand.Create(),
        GradientCommand.Create(),
        AlternativesCommand.Create(),
    };
}
