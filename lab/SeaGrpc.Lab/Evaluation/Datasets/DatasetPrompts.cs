namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>The prompt of each suite; {0} is the row's question.</summary>
internal static class DatasetPrompts
{
    /// <summary>The request or question as it stands.</summary>
    public const string Plain = "{0}";

    /// <summary>GSM8K: the files' own mark for the answer.</summary>
    public const string FinalNumber =
        "{0}\n\nThink step by step. End with a line that holds only #### and the answer as a plain number, for example: #### 42";

    /// <summary>MATH: the files' own mark for the answer.</summary>
    public const string BoxedAnswer =
        "{0}\n\nThink step by step. End with the final answer alone inside \\boxed{{}}, for example: \\boxed{{42}}";
}
