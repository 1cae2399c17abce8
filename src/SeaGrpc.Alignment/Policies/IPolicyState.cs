using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Policies;

/// <summary>
/// The reference policy after a prompt: what methods ask of it. Disposing it forgets the prompt.
/// </summary>
/// <remarks>
/// <para>Rows that continue the prompt (<see cref="Start"/>) are drawn from it by <see cref="Ahead"/>, which tells what follows them, and
/// <see cref="Draw"/>. A loaded model tells ahead and then draws one token for every row, so that a run can be left after each token; an
/// engine tells nothing ahead, draws all tokens that are wanted in one batch, and tells what could have been in place of the first ones
/// afterwards (<see cref="PolicyRows.Told"/>). Methods work the same way with both: they use what is told, whenever it is.</para>
/// <para>What only some policies can do is asked for by name: <see cref="ReadsRows"/>, <see cref="TellsAllTokens"/>, and
/// <see cref="Loaded"/> for gradients, hidden states and whole rows of logits.</para>
/// </remarks>
internal interface IPolicyState : IDisposable
{
    /// <summary>Whether it tells the log-probabilities of given tokens.</summary>
    bool ReadsRows { get; }

    /// <summary>Whether it tells the log-probability of every token at a position, not only of the likeliest.</summary>
    bool TellsAllTokens { get; }

    /// <summary>
    /// Whether the log-probabilities of drawn tokens come with them, so that a report of whole samples needs no pass of its own.
    /// </summary>
    bool TellsDrawn { get; }

    /// <summary>The loaded model after the prompt.</summary>
    /// <exception cref="InvalidOperationException">It runs elsewhere, and keeps its reading there.</exception>
    PolicyReading Loaded { get; }

    /// <summary>Rows that start with given tokens, whose log-probabilities are not counted.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    /// <param name="prefix">The tokens; may be empty.</param>
    PolicyRows Start(RunContext context, int rows, int maxTokens, IReadOnlyList<int> prefix);

    /// <summary>What follows the rows of several groups. All are read together.</summary>
    /// <returns>One outlook for each group. It lives in the caller's scope, unless it is kept.</returns>
    BeamOutlook[] Next(IReadOnlyList<PolicyRows> groups);

    /// <summary>The same where it is needed for drawing anyway; null for each group where the policy tells it with what it draws.</summary>
    BeamOutlook?[] Ahead(IReadOnlyList<PolicyRows> groups);

    /// <summary>Draws the next tokens of several groups of rows at the method's temperature, without those that may not occur.</summary>
    /// <param name="groups">The groups, each with what <see cref="Ahead"/> told of its rows. Some of their rows have not ended.</param>
    /// <param name="maxTokens">Maximum number of tokens of each row, EOS included. It may draw fewer in one turn.</param>
    /// <param name="topK">Number of likeliest tokens to draw from; 0 for all.</param>
    void Draw(IReadOnlyList<(PolicyRows Rows, BeamOutlook? Next)> groups, int maxTokens, int topK);

    /// <summary>Asks for log pi_ref of every token of whole responses.</summary>
    IRowReading Ask(HardResponses rows);

    /// <summary>log pi_ref of every token of a response, with the likeliest ones in place of each.</summary>
    /// <param name="response">Ids of the response, including EOS if it has one; at least one.</param>
    /// <param name="alternatives">Number of the likeliest tokens told at each position; at least 0. It may tell fewer.</param>
    /// <param name="temperature">Temperature of pi_ref; above 0.</param>
    ReadTokens Read(IReadOnlyList<int> response, int alternatives, double temperature = 1);

    /// <summary>
    /// How much a response surprises the policy at temperature 1, whatever the run's is: -log pi_ref of each token, and the entropy of its
    /// own first token, both in nats. The passes are not charged.
    /// </summary>
    /// <param name="response">Ids of the response; at least one.</param>
    (IReadOnlyList<float> Surprisal, double Entropy) Surprise(IReadOnlyList<int> response);

    /// <summary>
    /// Asks it to keep what it reads of responses from now on. Rows that come to tokens that have been read then go on without reading them
    /// again.
    /// </summary>
    void KeepReading()
    {
    }
}
