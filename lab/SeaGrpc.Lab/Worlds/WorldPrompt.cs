namespace SeaGrpc.Lab.Worlds;

/// <summary>A support request.</summary>
/// <param name="Text">What the user writes.</param>
/// <param name="Problem">What is wrong: one of <see cref="SupportDesk.Problems"/>.</param>
/// <param name="Object">What it is wrong with: one of <see cref="SupportDesk.Objects"/>.</param>
/// <param name="HeldOut">Whether no model of the world was trained on this combination of problem, object and customer.</param>
public sealed record WorldPrompt(string Text, string Problem, string Object, bool HeldOut)
{
    /// <summary>The customer's name that the prompt gives; null in a world whose prompts give none.</summary>
    public string? Customer { get; init; }
}
