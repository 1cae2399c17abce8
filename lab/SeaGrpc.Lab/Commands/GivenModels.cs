using SeaGrpc.Alignment;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Commands;

/// <summary>The models that a command is given.</summary>
internal static class GivenModels
{
    /// <summary>Loads a policy and its reward model.</summary>
    /// <param name="policy">The policy's folder.</param>
    /// <param name="reward">The reward model's folder.</param>
    /// <param name="progress">Receives how far they have been read.</param>
    /// <exception cref="CliException">They cannot be loaded, in plain words.</exception>
    public static AlignmentModels Load(string policy, string reward, IProgress<WorkProgress> progress)
    {
        try
        {
            return AlignmentModels.Load(policy, reward, new ModelLoadOptions(Progress: new LoadingProgress(progress)));
        }
        catch (Exception error) when (error is CheckpointException or VocabularyMismatchException or ChatTemplateException)
        {
            throw new CliException($"The models cannot be loaded. {error.Message}", ExitCodes.Failure, error);
        }
    }
}
