using SeaGrpc.V1;

namespace SeaGrpc.Client;

/// <summary>Prompts that are often wanted.</summary>
public static class Prompts
{
    /// <summary>A conversation of one message, the user's, which each model's own chat template writes out.</summary>
    /// <param name="message">What the user says; not empty.</param>
    public static Prompt Chat(string message) =>
        new() { Chat = new Chat { Messages = { new ChatMessage { Role = Role.User, Content = message } } } };
}
