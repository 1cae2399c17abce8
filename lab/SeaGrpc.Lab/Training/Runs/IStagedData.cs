namespace SeaGrpc.Lab.Training.Runs;

/// <summary>A world's examples as ids.</summary>
internal interface IStagedData
{
    /// <summary>The ids that the stages on random ids draw from.</summary>
    IReadOnlyList<int> DrawnIds { get; }

    /// <summary>An example for a policy of a strength.</summary>
    TrainingSequence NextConversation(double strength);

    /// <summary>An example for the reward model.</summary>
    MarkedSequence NextAnswer();
}
