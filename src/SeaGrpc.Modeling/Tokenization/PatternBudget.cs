using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The time that the patterns of tokenizer.json may take for one text, all matches together.</summary>
/// <remarks>A text is encoded on one thread, and so the budget of the text under way is the thread's.</remarks>
/// <param name="limit">The longest for the text; <see cref="TextLimit"/> where null.</param>
internal sealed class PatternBudget(TimeSpan? limit = null)
{
    /// <summary>The longest for a text; one match may go beyond it by <see cref="MatchLimit"/>.</summary>
    internal static readonly TimeSpan TextLimit = TimeSpan.FromSeconds(5);

    /// <summary>The longest that one match may take: a pattern that backtracks without end is a fault of its file.</summary>
    internal static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static PatternBudget? _current;

    private TimeSpan _spent;

    /// <summary>The budget of the text that this thread works at, or a new one.</summary>
    internal static PatternBudget Current => _current ?? new PatternBudget();

    /// <summary>Makes this the thread's budget until the scope is disposed of; within another text's scope that one counts.</summary>
    internal Scope Enter()
    {
        var before = _current;
        _current ??= this;
        return new Scope(before);
    }

    /// <summary>Runs a search and counts its time.</summary>
    /// <returns>What was found, and whether there is time for another search.</returns>
    /// <exception cref="OperationCanceledException">The call that the text belongs to is over: <see cref="CallEnd"/>.</exception>
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

    /// <summary>A text under way.</summary>
    internal readonly ref struct Scope(PatternBudget? before)
    {
        /// <summary>Ends it.</summary>
        public void Dispose() => _current = before;
    }
}
