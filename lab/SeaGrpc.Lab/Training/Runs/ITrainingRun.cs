namespace SeaGrpc.Lab.Training.Runs;

/// <summary>One training of a world's models.</summary>
internal interface ITrainingRun
{
    /// <summary>Whether the models' folders are written.</summary>
    bool Written { get; }

    /// <summary>Trains, writes all folders when all are whole, and measures.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; <see cref="Written"/> says whether the folders stand.</exception>
    void Execute(CancellationToken cancellation);
}
