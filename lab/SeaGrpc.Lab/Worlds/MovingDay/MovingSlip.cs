using System.Globalization;

namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>
/// What a request tells: its facts, one word each, in the order in which an answer has to name them. No word occurs twice.
/// </summary>
/// <param name="Facts">The words.</param>
internal sealed record MovingSlip(IReadOnlyList<string> Facts)
{
    /// <summary>The slip that a request tells; typing errors of other words do not matter.</summary>
    public static MovingSlip Of(string request) => new([.. WordText.Split(request).Where(word => MovingPlan.FactOf(word) is not null)]);

    /// <summary>Its words of a kind, in order.</summary>
    public IReadOnlyList<string> Of(FactKind kind) => [.. Facts.Where(word => MovingPlan.FactOf(word) == kind)];

    /// <summary>The request's text.</summary>
    /// <param name="template">One of <see cref="MovingLexicon.Templates"/>.</param>
    public string Request(string template) => string.Format(CultureInfo.InvariantCulture, template, string.Join(' ', Facts));

    /// <summary>Whether a fact comes right after another one on the slip.</summary>
    /// <param name="before">The one; null for the beginning.</param>
    /// <param name="fact">The other; null for the end.</param>
    public bool MayFollow(string? before, string? fact)
    {
        int at = before is null ? 0 : IndexOf(before) + 1;
        return (before is null || at > 0) && (fact is null ? at == Facts.Count : at < Facts.Count && Facts[at] == fact);
    }

    /// <summary>A fact's place on the slip, from 0; -1 if it is not there.</summary>
    public int IndexOf(string fact)
    {
        for (int at = 0; at < Facts.Count; at++)
        {
            if (Facts[at] == fact)
            {
                return at;
            }
        }

        return -1;
    }
}
