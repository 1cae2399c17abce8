namespace SeaGrpc.Lab.Evaluation.Judging;

/// <summary>A judge gave no verdict; the message says why and what to change.</summary>
public sealed class JudgeException(string message, Exception? cause = null) : Exception(message, cause);
