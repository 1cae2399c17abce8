namespace SeaGrpc.Cli.Calibration;

/// <summary>A pair of models or prompts that nothing can be suggested for; the message says why and what to change.</summary>
public sealed class CalibrationException(string message) : Exception(message);
