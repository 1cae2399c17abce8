namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>Limits that no setting raises.</summary>
internal static class OpenAiLimits
{
    /// <summary>Most prompts of one request, which is the largest value of the setting MaxChoices.</summary>
    public const int MostPrompts = 128;
}
