namespace SeaGrpc.Lab.Worlds;

/// <summary>Folder names of a trained pair, below the folder that holds all embedded models.</summary>
/// <param name="Strength">What the policy is like, as results name it.</param>
/// <param name="PolicyFolder">The policy's folder.</param>
/// <param name="RewardFolder">The reward model's folder.</param>
public sealed record WorldModels(string Strength, string PolicyFolder, string RewardFolder);
