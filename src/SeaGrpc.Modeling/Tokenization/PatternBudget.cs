using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Time limit for the patterns of tokenizer.json on one text, over all matches.</summary>
/// <remarks>A text is encoded on one thread, so the current budget belongs to the thread.</remarks>
/// <param name="limit">The limit for the text; null for <see cref="TextLimit"/>.</param>
internal sealed class PatternBudget(TimeSpan? limit = null)
{
    /// <summary>Maximum time for a text. One match may exceed it by <see cref="MatchLimit"/>.</summary>
    internal static readonly TimeSpan TextLimit = TimeSpan.FromSeconds(5);

    /// <summary>Maximum time for one match. A pattern that backtracks without end is an error in its file.</summary>
    internal static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static PatternBudget? _current;

    private TimeSpan _spent;

    /// <summary>The budget of the text that this thread is encoding, or a new one.</summary>
    internal static PatternBudget Current => _current ?? new PatternBudget();

    /// <summary>
    /// Makes this the thread's budget until the scope is disposed. Inside the scope of another text, that text's budget applies.
    /// </summary>
    internal Scope Enter()
    {
        var before = _current;
        _current ??= this;
        return new Scope(before);
    }

    /// <summary>Runs a search and counts its time.</summary>
    /// <returns>The result, and whether there is time for another search.</returns>
    /// <exception cref="OperationCanceledException">The call that the text belongs to has ended: <see cref="CallEnd"/>.</exception>
    internal (T Found, bool HasTime) Spend<T>(Func<T> search)
    {
        var start = Stopwatch.GetTimestamp();
        T found;
        try
        {
            CallEnd.Current?.ThrowIfOver();
            found = search();
        }
        catch (RegexMatchTimeoutException)
        {
            CallEnd.Current?.ThrowIfOver();
            throw;
        }

        _spent += Stopwatch.GetElapsedTime(start);
        return (found, _spent <= (limit ?? TextLimit));
    }

    /// <summary>A text in progress.</summary>
    internal readonly ref struct Scope(PatternBudget? before)
    {
        /// <summary>Ends the scope.</summary>
        public void Dispose() => _current = before;
    }
}
