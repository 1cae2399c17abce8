using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>A conversation with two answers, of which one is preferred.</summary>
/// <param name="Line">The pair's line in its file, from 1.</param>
/// <param name="Messages">The conversation up to the answer; at least one message.</param>
/// <param name="Chosen">The preferred answer.</param>
/// <param name="Rejected">The other answer.</param>
/// <param name="Kind">What the pair is about, for figures by kind; null if the file does not say.</param>
/// <param name="Split"><c>train</c>, or another name for pairs that are held out; null if the file does not say.</param>
internal sealed record PreferencePair(
    int Line, IReadOnlyList<ChatMessage> Messages, string Chosen, string Rejected, string? Kind = null, string? Split = null);
