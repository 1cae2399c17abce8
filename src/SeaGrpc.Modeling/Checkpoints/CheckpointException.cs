namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>A checkpoint folder or file cannot be used. The message names the file, what is wrong and what to change.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Creates the exception. Its message is the path followed by the problem.</summary>
    /// <param name="path">The file or folder at fault.</param>
    /// <param name="problem">What is wrong and what to change.</param>
    /// <param name="innerException">The reader's exception, if there was one.</param>
    public CheckpointException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}", innerException)
    {
        Path = path;
    }

    /// <summary>The file or folder at fault.</summary>
    public string Path { get; }
}
