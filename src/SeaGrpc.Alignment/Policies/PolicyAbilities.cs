namespace SeaGrpc.Alignment.Policies;

/// <summary>What a policy can do besides continuing rows.</summary>
/// <param name="ReadsRows">Whether it tells the log-probabilities of given tokens.</param>
/// <param name="MostAlternatives">Largest number of likeliest tokens that it tells at a position.</param>
public sealed record PolicyAbilities(bool ReadsRows, int MostAlternatives);
