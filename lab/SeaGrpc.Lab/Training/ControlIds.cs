namespace SeaGrpc.Lab.Training;

/// <summary>Ids of a checkpoint's control tokens.</summary>
/// <param name="Begin">Begins a sequence.</param>
/// <param name="End">Ends a response.</param>
/// <param name="Padding">Fills rows.</param>
public sealed record ControlIds(int Begin, int End, int Padding);
