namespace SeaGrpc.Bench.Prefixes;

/// <summary>The lengths and numbers of what is read.</summary>
/// <param name="PromptTokens">Tokens of the prompt, of both models.</param>
/// <param name="Tail">Tokens that the reward model reads after every response: the rest of its template.</param>
/// <param name="Beams">Beams whose next tokens are read.</param>
/// <param name="Depth">Tokens that every beam has.</param>
/// <param name="Candidates">Next tokens of every beam.</param>
/// <param name="AnswerTokens">Tokens of the response that is rewritten.</param>
/// <param name="Rewrites">Rewrites of it, each from a random cut on.</param>
/// <param name="Jobs">Alignments of one prompt.</param>
/// <param name="Budget">Budget of each of them, in tokens.</param>
internal sealed record PrefixesSetting(
    int PromptTokens, int Tail, int Beams, int Depth, int Candidates, int AnswerTokens, int Rewrites, int Jobs, int Budget);
